import { type AdapterOf, type CertificateState, PortError, type sslPort } from '@keelson/core';
import type { Certificate } from '@keelson/hosting';
import type { HostingOrder } from '../recipes/hosting-order.js';
import type { RecipeTools } from '../recipes/recipe-tools.js';
import { domainOf, hideProofs, proofMethodOf, provableNames, showProofs } from './certificate-proof.js';

/** Why there is no certificate yet. */
export class CertificateWait {
  constructor(
    readonly checkAfter: Date,
    /** One sentence for customers. */
    readonly reason: string,
  ) {}
}

/** The authority that the order goes to. */
export interface Authority {
  adapter: AdapterOf<typeof sslPort>;
  connectionId: string;
}

/** Pause while the world does not see a proof yet. Milliseconds. */
const visibleMs = 30_000;
/** An order that is older was placed by an earlier try: when it fails, another one is placed at once. */
const oldMs = 3_600_000;

/**
 * Moves the service's order on by one step, placing it when there is none: a certificate that is issued but not in use, or what it waits
 * for. The authority is asked to look only when we see the proof ourselves, because it counts failed looks. One order at a time,
 * whoever calls and however often.
 * @throws PortError `wrong-state` when the authority refused the order; the next call places another one
 */
export async function advanceOrder(
  tools: RecipeTools,
  order: HostingOrder,
  authority: Authority,
): Promise<Certificate | CertificateWait> {
  const { certificates, clock } = tools;
  const certificate = await currentOrder(tools, order, authority);
  if (certificate instanceof CertificateWait || certificate.status === 'issued') return certificate;
  const { id: reference, domains, method } = certificate;
  const replaces = await certificates.replacedPem(certificate);
  let state = await authority.adapter.startCertificate({
    reference,
    domains,
    method,
    ...(replaces === undefined ? {} : { replaces }),
  });
  if (state.state === 'pending') {
    if (!(await showProofs(tools, order, state.challenges))) return soon(tools, notSeen(certificate));
    state = await authority.adapter.checkCertificate(reference);
  }
  if (state.state === 'pending') {
    return new CertificateWait(new Date(state.checkAfter), 'The certificate authority is at work.');
  }
  if (state.state === 'issued') await certificates.keep(reference, state.certificate);
  else await certificates.fail(reference, state.reason);
  await hideProofs(tools, order, certificate);
  if (state.state === 'issued') return certificates.get(reference);
  if (clock.now().getTime() - certificate.createdAt.getTime() < oldMs) throw refusal(state);
  return new CertificateWait(clock.now(), state.reason);
}

/** The order under way, unless it can no longer be finished as it was begun; else a new one. */
async function currentOrder(
  tools: RecipeTools,
  order: HostingOrder,
  { connectionId }: Authority,
): Promise<Certificate | CertificateWait> {
  const { certificates } = tools;
  const serviceId = order.service.id;
  const open = await certificates.findOrder(serviceId);
  const expired = open?.notAfter != null && open.notAfter <= tools.clock.now();
  if (open?.status === 'issued' && !expired) return open;
  const method = await proofMethodOf(tools, order);
  if (open !== undefined) {
    if (open.method === method && open.connectionId === connectionId && !expired) return open;
    await certificates.fail(
      open.id,
      expired
        ? 'The certificate ran out before it was in use.'
        : 'The name servers of the domain, or our certificate authority, are others now.',
    );
    await hideProofs(tools, order, open);
  }
  const domains = await provableNames(tools, order, method);
  if (domains === undefined) return soon(tools, `${domainOf(order)} does not lead to us.`);
  return certificates.openOrder({ serviceId, connectionId, domains, method }, tools.clock.now());
}

function soon({ clock }: RecipeTools, reason: string): CertificateWait {
  return new CertificateWait(new Date(clock.now().getTime() + visibleMs), reason);
}

function notSeen({ method, domains }: Certificate): string {
  return method === 'dns-01'
    ? `The name servers of ${domains[0]} do not show the proof that the name is ours.`
    : `${domains.join(' or ')} does not show the proof that the name is ours.`;
}

function refusal({ reason, vendor }: Extract<CertificateState, { state: 'failed' }>): PortError {
  return new PortError('wrong-state', reason, { details: { vendor } });
}
