import { toPublicId } from '@keelson/database';
import type { AdoptionDecision, AppliedPlan, DriftPlan, FindingView, Observation } from '@keelson/provisioning';
import type {
  AdoptedAccountDto,
  ApplyAnswerDto,
  FindingDto,
  ObservationDto,
  PlanAnswerDto,
  PlanItemDto,
} from './drift.dto.js';

/** A finding as the API shows it. */
export function findingOf(finding: FindingView): FindingDto {
  const { id, connection, area, kind, key, serviceId, expected, actual, suggestion, status, reason } = finding;
  return {
    id: toPublicId('drift', id),
    ...{ connection, area, kind, key, expected, actual, suggestion, status, reason },
    serviceId: serviceId === null ? null : toPublicId('srv', serviceId),
    jobId: finding.taskId === null ? null : toPublicId('job', finding.taskId),
    firstSeen: finding.firstSeen.toISOString(),
    lastSeen: finding.lastSeen.toISOString(),
    timesSeen: finding.timesSeen,
    resolvedAt: finding.resolvedAt?.toISOString() ?? null,
  };
}

/** An observation as the API shows it. */
export function observationOf(observation: Observation & { connection: string }): ObservationDto {
  const { connection, area, complete, suspicion, listed, believed, differences, error } = observation;
  return {
    ...{ connection, area, complete, suspicion, listed, believed, differences, error },
    startedAt: observation.startedAt.toISOString(),
    endedAt: observation.endedAt.toISOString(),
  };
}

/** A plan as the API shows it. */
export function planOf({ items, left, refused, fingerprint }: DriftPlan): PlanAnswerDto {
  return {
    repairs: items.map(({ finding, repair }) => ({ ...itemOf(finding), repair })),
    left: left.map(({ finding, why }) => ({ ...itemOf(finding), why })),
    refused: refused.map(({ connection, area, touched, limit }) => ({ connection, area, touched, limit })),
    fingerprint,
  };
}

/** What became of a plan, as the API shows it. */
export function appliedOf(plan: AppliedPlan): ApplyAnswerDto {
  const applied = plan.applied.map(({ findingId, repair, taskId }) => ({
    ...{ id: toPublicId('drift', findingId), repair },
    ...(taskId !== undefined && { jobId: toPublicId('job', taskId) }),
  }));
  return { ...planOf(plan), applied };
}

/** What becomes of an account, as the API shows it. */
export function adoptionOf(decision: AdoptionDecision): AdoptedAccountDto {
  if (decision.action === 'managed') return { ...decision, serviceId: toPublicId('srv', decision.serviceId) };
  if (decision.action !== 'adopt') return decision;
  const { username, action, domain, package: packageName, product, customer } = decision;
  return {
    ...{ username, action, package: packageName, product: product.slug, customer },
    ...(domain !== undefined && { domain }),
  };
}

function itemOf({ id, connection, kind, key }: DriftPlan['left'][number]['finding']): PlanItemDto {
  return { id: toPublicId('drift', id), connection, kind, key };
}
