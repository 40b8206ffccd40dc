import { Resolver } from 'node:dns/promises';
import type { SandboxAddresses } from '../start-installation.js';
import type { DemoCheck, DemoReport } from './demo-report.js';
import { callJson } from './purchase.js';

interface LedgerEntry {
  operation: string;
  subject?: string;
  changed: boolean;
}

interface Message {
  from: string;
  to: string[];
  subject: string;
  text: string;
}

/** Looks at the vendors' side of a purchase: their ledgers, a real DNS query, the inbox. */
export async function checkVendors(
  sandbox: SandboxAddresses,
  order: { email: string; domain: string },
): Promise<Pick<DemoReport, 'dns' | 'mailbox' | 'mail' | 'checks'>> {
  const endpoint = (plugin: string, name: string) => {
    const found = sandbox.endpoints.find((one) => one.plugin === plugin && one.name === name);
    if (found === undefined) throw new Error(`the sandbox has no ${name} of ${plugin}`);
    return new URL(found.url);
  };
  const ledger = (plugin: string) => callJson<LedgerEntry[]>(`${sandbox.url}/control/${plugin}/ledger`);
  const account = await accountAtPanel(endpoint('cpanel-whm', 'accounts'), order.domain);
  const changesAt = async (plugin: string) => (await ledger(plugin)).filter((entry) => entry.changed);
  const panel = await changesAt('cpanel-whm');
  const zones = await changesAt('powerdns');
  const bought = (await changesAt('namesilo')).filter((entry) => entry.operation === 'registerDomain');
  const issued = (await changesAt('letsencrypt')).filter((entry) => entry.operation === 'POST /acme/finalize');
  const domain = await domainAtRegistrar(endpoint('namesilo', 'account'), order.domain);
  const accounts = panel.filter((entry) => entry.operation === 'createacct');
  const mailboxes = panel.filter((entry) => entry.operation.includes('add_pop'));
  const databases = panel.filter((entry) => entry.operation.includes('create_database'));
  const madeZones = zones.filter(
    (entry) => entry.operation === 'POST /zones' && entry.subject?.replace(/\.$/, '') === order.domain,
  );
  const dns = await ask(endpoint('powerdns', 'DNS'), order.domain);
  const messages = await callJson<Message[]>(
    `${endpoint('smtp', 'inbox').origin}/messages?to=${encodeURIComponent(order.email)}`,
  );
  const [mail] = messages;
  const checks: DemoCheck[] = [
    {
      what: 'exactly one account was made',
      ok: accounts.length === 1,
      seen: `${accounts.length} (${accounts.map((one) => one.subject).join(', ')})`,
    },
    {
      what: 'exactly one domain was bought, and it is delegated to the name servers',
      ok: bought.length === 1 && bought[0]?.subject === order.domain && domain.nameservers === zoneServers(dns),
      seen: `${bought.map((one) => one.subject).join(', ')} until ${domain.expires} at ${domain.nameservers}`,
    },
    { what: 'exactly one zone was made', ok: madeZones.length === 1, seen: `${madeZones.length}` },
    {
      what: 'the name server answers for the domain',
      ok: dns.every(({ answer }) => answer.length > 0),
      seen: dns.map(({ type, answer }) => `${type} ${answer.join(' ')}`).join('; '),
    },
    {
      what: 'exactly one mailbox was made',
      ok: mailboxes.length === 1 && account.mailboxes === `admin@${order.domain}`,
      seen: account.mailboxes,
    },
    {
      what: 'exactly one database was made',
      ok: databases.length === 1 && account.databases !== '',
      seen: account.databases,
    },
    {
      what: 'exactly one certificate was issued, and the site is served with it',
      ok: issued.length === 1 && account.certificates === order.domain && account.httpsOnly === order.domain,
      seen: `${issued.map((one) => one.subject).join(', ')}; on the panel: ${account.certificates}`,
    },
    { what: 'exactly one welcome mail arrived', ok: messages.length === 1, seen: mail?.subject ?? 'none' },
  ];
  return {
    dns,
    mailbox: account.mailboxes,
    mail: {
      from: mail?.from ?? '',
      to: order.email,
      subject: mail?.subject ?? '',
      text: hidePasswords(mail?.text ?? ''),
    },
    checks,
  };
}

/** What the panel's own page says about the account of a domain; empty when it knows none. */
async function accountAtPanel(page: URL, domain: string) {
  const [, , , , , mailboxes = '', databases = '', certificates = '', httpsOnly = ''] =
    (await rowsOf(page)).find((cells) => cells[1] === domain) ?? [];
  return { mailboxes, databases, certificates, httpsOnly };
}

/** What the registrar's own page says about a domain; empty when it holds it not. */
async function domainAtRegistrar(page: URL, domain: string) {
  const [, , expires = '', nameservers = ''] = (await rowsOf(page)).find((cells) => cells[0] === domain) ?? [];
  return { expires, nameservers };
}

/** Cells of every row of the tables of a page. */
async function rowsOf(page: URL): Promise<string[][]> {
  const html = await (await fetch(page)).text();
  return html.split('<tr>').map((row) => [...row.matchAll(/<td>(.*?)<\/td>/g)].map(([, cell]) => cell ?? ''));
}

function zoneServers(dns: DemoReport['dns']): string | undefined {
  return dns
    .find(({ type }) => type === 'NS')
    ?.answer.toSorted()
    .join(' ');
}

async function ask(server: URL, domain: string): Promise<DemoReport['dns']> {
  const resolver = new Resolver({ timeout: 2000, tries: 2 });
  resolver.setServers([`${server.hostname}:${server.port}`]);
  const none = (): string[] => [];
  return [
    { name: domain, type: 'A', answer: await resolver.resolve4(domain).catch(none) },
    { name: `www.${domain}`, type: 'CNAME', answer: await resolver.resolveCname(`www.${domain}`).catch(none) },
    {
      name: domain,
      type: 'MX',
      answer: (await resolver.resolveMx(domain).catch(() => [])).map((mx) => `${mx.priority} ${mx.exchange}`),
    },
    {
      name: domain,
      type: 'TXT',
      answer: (await resolver.resolveTxt(domain).catch(() => [])).map((chunks) => chunks.join('')),
    },
    { name: domain, type: 'NS', answer: await resolver.resolveNs(domain).catch(none) },
  ];
}

/** The report may be pasted somewhere: what follows a password's label is hidden. */
function hidePasswords(text: string): string {
  return text.replace(/(password[^\n:]*:\s*)\S+/gi, '$1********');
}
