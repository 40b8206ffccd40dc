import { Domain } from '@keelson/hosting';
import { In } from 'typeorm';
import { OperationRefusedError } from './lifecycle.errors.js';
import type { RequestContext } from './operation.js';

/** The domain of the service that we keep at a registrar. @throws OperationRefusedError `no-domain` when it has none there */
export async function keptDomain({
  manager,
  service,
}: Pick<RequestContext<unknown>, 'manager' | 'service'>): Promise<Domain> {
  const domain = await manager.findOneBy(Domain, { serviceId: service.id, status: In(['active', 'expired']) });
  if (domain !== null && domain.mode !== 'external' && domain.connectionId !== null) return domain;
  throw new OperationRefusedError('conflict', 'no-domain', 'We keep no domain of this service: its owner does.');
}
