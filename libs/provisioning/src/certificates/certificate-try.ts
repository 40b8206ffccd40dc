import { normalise, PortError, supports, provisionerPort } from '@keelson/core';
import { inTransaction } from '@keelson/database';
import type { Certificate } from '@keelson/hosting';
import { Logger } from '@nestjs/common';
import { Pending } from '../engine/recipe.js';
import { bindingOf, type HostingOrder } from '../recipes/hosting-order.js';
import type { RecipeTools } from '../recipes/recipe-tools.js';
import { advanceOrder, type Authority, CertificateWait } from './certificate-order.js';
import { domainOf } from './certificate-proof.js';
import { atOtherVendor } from './other-vendor.js';

export interface InstalledCertificate {
  certificateId: string;
  domains: string[];
  /** ISO 8601. */
  notAfter: string;
  /** False when the panel takes no certificates: then it is kept for whoever serves the site. */
  onPanel: boolean;
}

const logger = new Logger('Certificates');

/** What a step says about the run it is in. */
export interface TryContext extends Authority {
  order: HostingOrder;
  attempt: number;
  note: unknown;
}

/** So long a try waits for the world to see a proof; the schedule makes the next one. Milliseconds. */
const patienceMs = 15 * 60_000;
/** Short trouble of a vendor is nobody's business. */
const quietAttempts = 3;

/**
 * One try for a certificate, from the order to the panel. Ends in time: what is not there by then is left to the schedule of
 * `certificate_renewals`, which holds the next try already. The certificate in use stays in use until another took its place.
 * @throws PortError whatever kept it; a failure that lasts is kept with the schedule
 */
export async function tryCertificate(
  tools: RecipeTools,
  { order, attempt, note, ...authority }: TryContext,
): Promise<InstalledCertificate | Pending> {
  const now = tools.clock.now();
  await tools.renewals.begin(order.service.id, now);
  try {
    const result = await advanceOrder(tools, order, authority);
    if (!(result instanceof CertificateWait)) {
      const installed = await putOnPanel(tools, order, result);
      return installed;
    }
    const since = (note as { since?: string } | undefined)?.since ?? now.toISOString();
    if (now.getTime() - Date.parse(since) >= patienceMs) throw new PortError('wrong-state', result.reason);
    return new Pending(result.checkAfter, result.reason, { since });
  } catch (thrown) {
    const error = normalise(thrown);
    const brief = error.policy.repeat !== 'never' && error.policy.repeat !== 'hold' && attempt < quietAttempts;
    if (!brief || (error.retryAfterMs ?? 0) > patienceMs) await keepFailure(tools, order, error);
    throw thrown;
  }
}

/** Puts the certificate on the panel, where it takes the place of the one before, and makes plain HTTP lead to it. Repeatable. */
export async function putOnPanel(
  tools: RecipeTools,
  order: HostingOrder,
  certificate: Certificate,
): Promise<InstalledCertificate> {
  const { username } = order.service;
  const { certificatePem, chainPem, notAfter, domains } = certificate;
  if (certificatePem === null || notAfter === null) {
    throw new PortError('internal', 'The certificate is not there yet.');
  }
  const result = { certificateId: certificate.id, domains, notAfter: notAfter.toISOString() };
  const bound = await tools.ports.find(provisionerPort, bindingOf(order));
  if (bound === undefined || username === null || !supports(bound.adapter, provisionerPort, 'certificate-install')) {
    return { ...result, onPanel: false };
  }
  const [domain = ''] = domains;
  const privateKeyPem = tools.certificates.privateKeyOf(certificate);
  const { adapter: panel } = bound;
  await atOtherVendor(async () => {
    await panel.putCertificate({ username, domain, certificatePem, privateKeyPem, chainPem: chainPem ?? '' });
    await panel.setForceHttps(username, domain, true);
  });
  return { ...result, onPanel: true };
}

async function keepFailure(tools: RecipeTools, order: HostingOrder, error: PortError): Promise<void> {
  // Only somebody else can mend what is never to be repeated.
  const failure = { error: error.message, lasting: error.policy.repeat === 'never' };
  const { gaveUp, changed } = await inTransaction(tools.dataSource, (manager) =>
    tools.renewals.fail(manager, order.service.id, failure, tools.clock.now()),
  );
  const outlook = gaveUp ? 'nobody tries any more' : 'tries go on';
  if (gaveUp || changed) logger.warn(`no certificate for ${domainOf(order)}: ${error.message} (${outlook})`);
}
