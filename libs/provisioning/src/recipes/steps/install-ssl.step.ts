import {
  type CertificateState,
  type Challenge,
  challengeRecordSets,
  dnsPort,
  missingChallenges,
  PortError,
  provisionerPort,
  type sslPort as SslPort,
  sslPort,
  supports,
} from '@keelson/core';
import { type Certificate, CertificatesService } from '@keelson/hosting';
import { Pending, type RetriedStep } from '../../engine/recipe.js';
import { bindingOf, type HostingOrder } from '../hosting-order.js';
import type { RecipeTools } from '../recipe-tools.js';

export interface InstalledCertificate {
  certificateId: string;
  domains: string[];
  /** ISO 8601. */
  notAfter: string;
  /** False when the panel takes no certificates: then it is kept for whoever serves the site. */
  onPanel: boolean;
}

/** Pause while the name servers do not show a challenge yet. Milliseconds. */
const visibleMs = 30_000;
/** Pause after a refusal: authorities allow few failed looks an hour. Milliseconds. */
const refusedMs = 3_600_000;

/**
 * Obtains a certificate for the domain and `www`, and puts it on the panel with a redirect to HTTPS. Proof is a TXT record in the zone that
 * we hold (dns-01). The authority is asked only when the name servers show the record, because it limits failed looks. A site without
 * certificate works: the step is optional, and goes on by itself.
 */
export function installSsl(
  tools: RecipeTools,
): RetriedStep<HostingOrder, object, InstalledCertificate, typeof SslPort, never> {
  const { certificates } = tools;
  return {
    needs: sslPort,
    optional: 'degraded',
    skipWhen: ({ order }) => (order.domain === undefined ? 'the order has no domain of its own' : undefined),
    run: async ({ adapter, order, connectionId }) => {
      const certificate = await certificates.openOrder({
        serviceId: order.service.id,
        connectionId,
        domains: namesOf(order),
      });
      if (certificate.status === 'pending') {
        const { id: reference, domains } = certificate;
        let state = await adapter.startCertificate({ reference, domains, method: 'dns-01' });
        if (state.state === 'pending' && state.challenges.length > 0) {
          if (!(await showChallenges(tools, order, state.challenges))) {
            return new Pending(
              new Date(Date.now() + visibleMs),
              'the name servers do not show the proof of the domain yet',
            );
          }
          state = await adapter.checkCertificate(reference);
        } else if (state.state === 'pending') {
          state = await adapter.checkCertificate(reference);
        }
        const pending = await settle(certificates, reference, state);
        if (pending !== undefined) return pending;
        await hideChallenges(tools, order);
      }
      return install(
        tools,
        order,
        await certificates.openOrder({ serviceId: order.service.id, connectionId, domains: namesOf(order) }),
      );
    },
    record: async (_context, { certificateId }, manager) => certificates.installed(manager, certificateId),
  };
}

function namesOf({ domain }: HostingOrder): string[] {
  if (domain === undefined) throw new PortError('wrong-state', 'The order has no domain.');
  return [domain.name, `www.${domain.name}`];
}

/** Keeps what was issued; a refusal ends this order, and the next try makes another one. */
async function settle(
  certificates: CertificatesService,
  id: string,
  state: CertificateState,
): Promise<Pending | undefined> {
  switch (state.state) {
    case 'pending':
      return new Pending(new Date(state.checkAfter), 'the certificate authority is at work');
    case 'issued':
      await certificates.keep(id, state.certificate);
      return undefined;
    case 'failed':
      await certificates.fail(id, state.reason);
      throw new PortError('unavailable', state.reason, { retryAfterMs: refusedMs, details: { vendor: state.vendor } });
  }
}

/** Puts the proofs into the zone. True when every name server shows them. */
async function showChallenges(tools: RecipeTools, order: HostingOrder, challenges: Challenge[]): Promise<boolean> {
  const { adapter, zone } = await zoneOf(tools, order);
  await adapter.putRecords(zone, challengeRecordSets(challenges));
  return (await missingChallenges(challenges, tools.dns)).length === 0;
}

/** Takes the proofs away; a leftover does no harm and does not hold up the certificate. */
async function hideChallenges(tools: RecipeTools, order: HostingOrder): Promise<void> {
  const { adapter, zone } = await zoneOf(tools, order);
  const names = namesOf(order).map((name) => ({ name: `_acme-challenge.${name}`, type: 'TXT' as const }));
  await adapter.removeRecords(zone, names).catch(() => undefined);
}

async function zoneOf({ ports }: RecipeTools, order: HostingOrder) {
  const bound = await ports.find(dnsPort, bindingOf(order));
  if (bound === undefined)
    throw new PortError('invalid-config', 'Certificates need a connection bound to the port dns.');
  return { adapter: bound.adapter, zone: order.domain?.name ?? '' };
}

async function install(
  tools: RecipeTools,
  order: HostingOrder,
  certificate: Certificate,
): Promise<InstalledCertificate> {
  const { username } = order.service;
  const { certificatePem, chainPem, notAfter, domains } = certificate;
  if (certificatePem === null || notAfter === null)
    throw new PortError('internal', 'The certificate is not there yet.');
  const result = { certificateId: certificate.id, domains, notAfter: notAfter.toISOString() };
  const bound = await tools.ports.find(provisionerPort, bindingOf(order));
  if (bound === undefined || username === null || !supports(bound.adapter, provisionerPort, 'certificate-install')) {
    return { ...result, onPanel: false };
  }
  const [domain = ''] = domains;
  const privateKeyPem = tools.certificates.privateKeyOf(certificate);
  await bound.adapter.putCertificate({ username, domain, certificatePem, privateKeyPem, chainPem: chainPem ?? '' });
  await bound.adapter.setForceHttps(username, domain, true);
  return { ...result, onPanel: true };
}
