import { isPortError, sslPort } from '@keelson/core';
import type { RetriedStep } from '../../engine/recipe.js';
import { bindingOf, type HostingOrder } from '../hosting-order.js';
import type { RecipeTools } from '../recipe-tools.js';

export interface RevokedCertificates {
  /** Serial numbers of those that are invalid now. */
  revoked: string[];
  /** Serial numbers of those that the authority does not know as ours: they run out by themselves. */
  unknown: string[];
}

/**
 * Makes every certificate of the service invalid that a client would still accept, and ends its schedule: for a service that is
 * no more. Each is revoked at the authority that it came from. Revoked and expired ones are success; repeating it revokes what is left.
 * For recipes of operations, after the site is gone.
 */
export function revokeCertificates(
  tools: RecipeTools,
): RetriedStep<HostingOrder, object, RevokedCertificates, never, never> {
  const { certificates, renewals, httpChallenges, ports, clock } = tools;
  return {
    look: async ({ order: { service } }) => {
      const left = await certificates.listValid(service.id, clock.now());
      return left.length === 0 ? { revoked: [], unknown: [] } : undefined;
    },
    run: async ({ order }) => {
      const result: RevokedCertificates = { revoked: [], unknown: [] };
      for (const { id, connectionId, certificatePem, serial } of await certificates.listValid(
        order.service.id,
        clock.now(),
      )) {
        const adapter = await ports.at(sslPort, connectionId, bindingOf(order));
        try {
          await adapter.revokeCertificate(certificatePem ?? '', 'cessation-of-operation');
          await certificates.revoked(id);
          result.revoked.push(serial ?? '');
        } catch (thrown) {
          if (!isPortError(thrown) || thrown.code !== 'not-found') throw thrown;
          result.unknown.push(serial ?? '');
        }
      }
      return result;
    },
    record: async ({ order: { service } }, _output, manager) => {
      await certificates.abandon(manager, service.id);
      await renewals.end(manager, service.id);
      await httpChallenges.hide(service.id, manager);
    },
    plan: ({ order: { service } }) => [
      {
        port: 'ssl',
        method: 'revokeCertificate',
        summary: `revokes the certificates of ${service.domain ?? 'the site'}`,
      },
    ],
  };
}
