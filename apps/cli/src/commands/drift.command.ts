import { BootError, driftKinds, type DriftKind } from '@keelson/core';
import { fromPublicId } from '@keelson/database';
import { areas, type Area } from '@keelson/provisioning';
import { appliedText, findingsText, observationsText, planText, troubleText } from '../drift/drift-report.js';
import { operator, withReconciler } from '../drift/open-reconciler.js';

interface Shown {
  json?: boolean;
}

export interface ListOptions extends Shown {
  connection?: string;
  kind?: string;
  /** Also what is ignored, planned or resolved. */
  all?: boolean;
}

export interface ObserveCommandOptions extends Shown {
  connection?: string;
  area?: string[];
  acceptShrunk?: boolean;
}

export interface PlanOptions extends Shown {
  connection?: string;
  /** Ids of findings. */
  only?: string[];
}

export interface ApplyOptions extends PlanOptions {
  /** Of the plan that was shown. */
  fingerprint?: string;
}

const mostShown = 1000;

/** Prints what differs and which observations are not to be relied on. Ends with 1 when anything of it is to be looked at. */
export async function listDrift({ connection, kind, all, json }: ListOptions): Promise<void> {
  const { items, total, observations } = await withReconciler(async ({ drift, reconciler }) => ({
    ...(await drift.list({
      ...{ connection, limit: mostShown, offset: 0 },
      ...(kind !== undefined && { kind: oneOf<DriftKind>('--kind', kind, driftKinds) }),
      ...(all !== true && { status: 'open' }),
    })),
    observations: (await reconciler.latest()).filter(
      (one) => connection === undefined || one.connection === connection,
    ),
  }));
  print(json, { findings: items, total, observations }, () => troubleText(observations) + findingsText(items, total));
  const trouble = observations.some(({ complete, suspicion }) => !complete || suspicion !== null);
  process.exitCode = trouble || items.some(({ status }) => status === 'open') ? 1 : 0;
}

/** Looks at vendors now, and prints what came of it. Ends with 1 when a look failed or is not believed. */
export async function observe({ connection, area, acceptShrunk, json }: ObserveCommandOptions): Promise<void> {
  const wanted = area?.map((name) => oneOf<Area>('--area', name, areas));
  const observations = await withReconciler(({ reconciler }) =>
    reconciler.observe({ connection, acceptShrunk, ...(wanted && { areas: wanted }) }),
  );
  print(json, { observations }, () => observationsText(observations));
  process.exitCode = observations.every(({ complete, suspicion }) => complete && suspicion === null) ? 0 : 1;
}

/** Prints what `keelson drift apply` would do now. */
export async function planDrift({ connection, only, json }: PlanOptions): Promise<void> {
  const plan = await withReconciler(({ drift }) => drift.plan({ connection, ids: only?.map(findingId) }));
  print(json, plan, () => planText(plan));
}

/** Has the plan done; the workers do it. */
export async function applyDrift({ connection, only, fingerprint, json }: ApplyOptions): Promise<void> {
  const request = { connection, fingerprint, ids: only?.map(findingId) };
  const applied = await withReconciler(({ drift }) => drift.apply(request, operator));
  print(json, applied, () => appliedText(applied));
}

/** Leaves a difference as it is. */
export async function ignoreDrift(id: string, { reason, json }: Shown & { reason: string }): Promise<void> {
  const finding = await withReconciler(({ drift }) => drift.ignore(findingId(id), reason, operator.actor));
  print(json, finding, () => findingsText([finding], 1));
}

/** Opens an ignored difference again. */
export async function reopenDrift(id: string, { json }: Shown): Promise<void> {
  const finding = await withReconciler(({ drift }) => drift.reopen(findingId(id), operator.actor));
  print(json, finding, () => findingsText([finding], 1));
}

function findingId(id: string): string {
  return fromPublicId('drift', id);
}

function oneOf<Name extends string>(option: string, given: string, names: readonly Name[]): Name {
  const found = names.find((name) => name === given);
  if (found === undefined) throw new BootError([`${option} must be one of ${names.join(', ')}`]);
  return found;
}

function print(json: boolean | undefined, value: unknown, text: () => string): void {
  process.stdout.write(json === true ? `${JSON.stringify(value, undefined, 2)}\n` : text());
}
