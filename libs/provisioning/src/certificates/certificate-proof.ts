import { randomBytes } from 'node:crypto';
import {
  type AdapterOf,
  type CertificateSpec,
  type Challenge,
  challengeRecordSets,
  dnsPort,
  missingChallenges,
  missingHttpChallenges,
  PortError,
} from '@keelson/core';
import { type Certificate, DnsZone } from '@keelson/hosting';
import { bindingOf, type HostingOrder } from '../recipes/hosting-order.js';
import type { RecipeTools } from '../recipes/recipe-tools.js';
import { atOtherVendor } from './other-vendor.js';

type Method = CertificateSpec['method'];

/**
 * How the names of the order can be proven: through DNS where the zone is ours and the world asks our name servers for it, else
 * over HTTP. A wildcard can be proven through DNS only. While nobody is known to answer for the domain, as with one that was bought a
 * minute ago, our zone is waited for.
 */
export async function proofMethodOf(tools: RecipeTools, order: HostingOrder): Promise<Method> {
  const domain = domainOf(order);
  if (namesOf(order).some((name) => name.startsWith('*.'))) return 'dns-01';
  const zone = { serviceId: order.service.id, name: domain, status: 'active' as const };
  if (!(await tools.dataSource.manager.existsBy(DnsZone, zone))) return 'http-01';
  const answers = await tools.dns.ask(domain, 'A').catch(() => []);
  const ours = new Set(
    [...order.service.nameservers, ...(order.server?.nameservers ?? []), ...tools.settings.nameservers].map(hostOf),
  );
  return answers.length === 0 || answers.some(({ server }) => ours.has(hostOf(server))) ? 'dns-01' : 'http-01';
}

/**
 * The names that a new order is for, the domain first. Over HTTP those that lead to us, which a proof of our own shows without the
 * authority; undefined when the domain itself does not.
 */
export async function provableNames(
  tools: RecipeTools,
  order: HostingOrder,
  method: Method,
): Promise<string[] | undefined> {
  const names = namesOf(order);
  if (method === 'dns-01') return names;
  const random = () => randomBytes(24).toString('base64url');
  const [path, body] = [`/.well-known/acme-challenge/${random()}`, random()];
  const trials = names.map((domain): Challenge => ({ type: 'http-01', domain, path, body }));
  await tools.httpChallenges.show(order.service.id, trials.slice(0, 1));
  const missing = (await missingHttpChallenges(trials, tools.web)).map(({ domain }) => domain);
  await tools.httpChallenges.hide(order.service.id);
  return missing.includes(domainOf(order)) ? undefined : names.filter((name) => !missing.includes(name));
}

/** Puts the proofs in place. True when an authority that looks now will see every one of them. */
export async function showProofs(
  tools: RecipeTools,
  order: HostingOrder,
  challenges: readonly Challenge[],
): Promise<boolean> {
  const sets = challengeRecordSets(challenges);
  if (sets.length > 0) {
    await atOtherVendor(async () => (await dnsOf(tools, order)).putRecords(domainOf(order), sets));
  }
  await tools.httpChallenges.show(order.service.id, challenges);
  const missing = await Promise.all([
    missingChallenges(challenges, tools.dns),
    missingHttpChallenges(challenges, tools.web),
  ]);
  return missing.flat().length === 0;
}

/** Takes the proofs away; a leftover does no harm and holds nothing up. */
export async function hideProofs(
  tools: RecipeTools,
  order: HostingOrder,
  { method, domains }: Certificate,
): Promise<void> {
  try {
    await tools.httpChallenges.hide(order.service.id);
    if (method === 'http-01') return;
    const names = new Set(domains.map((name) => `_acme-challenge.${name.replace(/^\*\./, '')}`));
    const dns = await dnsOf(tools, order);
    await dns.removeRecords(
      domainOf(order),
      [...names].map((name) => ({ name, type: 'TXT' })),
    );
  } catch {
    // The next order replaces what is left.
  }
}

export function domainOf({ domain }: HostingOrder): string {
  if (domain === undefined) throw new PortError('wrong-state', 'The order has no domain.');
  return domain.name;
}

function namesOf(order: HostingOrder): string[] {
  const domain = domainOf(order);
  return [domain, `www.${domain}`];
}

async function dnsOf({ ports }: RecipeTools, order: HostingOrder): Promise<AdapterOf<typeof dnsPort>> {
  const bound = await ports.find(dnsPort, bindingOf(order));
  if (bound !== undefined) return bound.adapter;
  throw new PortError('invalid-config', 'This certificate needs a connection bound to the port dns.');
}

function hostOf(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}
