import { type sslPort as SslPort, sslPort } from '@keelson/core';
import { type InstalledCertificate, putOnPanel, tryCertificate } from '../../certificates/certificate-try.js';
import type { RetriedStep } from '../../engine/recipe.js';
import type { HostingOrder } from '../hosting-order.js';
import type { RecipeTools } from '../recipe-tools.js';

/** A step that brings a certificate about. */
export type CertificateStep = RetriedStep<HostingOrder, object, InstalledCertificate, typeof SslPort, never>;

/**
 * Puts a certificate for the domain and `www` on the panel, with a redirect to HTTPS: the one that the service has where it is not due
 * for renewal, else a new one. A site without certificate works: the step is optional, and what it does not bring about in a quarter of
 * an hour is tried again by the schedule.
 */
export function installSsl(tools: RecipeTools): CertificateStep {
  return certificateStep(tools, async (context) => {
    const { order } = context;
    const present = await tools.renewals.presentCertificate(order.service.id, tools.clock.now());
    return present === undefined ? tryCertificate(tools, context) : putOnPanel(tools, order, present);
  });
}

/** What all such steps have in common. */
export function certificateStep(
  { certificates, renewals, clock }: RecipeTools,
  run: CertificateStep['run'],
): CertificateStep {
  return {
    needs: sslPort,
    optional: 'degraded',
    skipWhen: ({ order }) => (order.domain === undefined ? 'the order has no domain of its own' : undefined),
    run,
    plan: ({ order }) => [
      {
        port: 'ssl',
        method: 'startCertificate',
        summary: `a certificate for ${order.domain?.name} and www, if none is kept`,
      },
      {
        port: 'provisioner',
        method: 'putCertificate',
        summary: 'puts the certificate on the panel, where it takes one',
      },
    ],
    record: async (_context, { certificateId }, manager) => {
      await renewals.succeed(manager, await certificates.installed(manager, certificateId), clock.now());
    },
  };
}
