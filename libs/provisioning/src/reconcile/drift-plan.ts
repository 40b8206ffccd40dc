import { createHash } from 'node:crypto';
import { type DriftConfig, type DriftKind, namedRepairKinds } from '@keelson/core';
import type { ServiceStatus } from '@keelson/hosting';
import { findOperation } from '../lifecycle/operations.js';
import { brakeLimit } from './brake.js';
import type { FindingStatus } from './drift-finding.entity.js';
import type { Area, Facts } from './reconcile.types.js';
import { repairs } from './repairs.js';

/** A finding with what the decision about it needs to know. */
export interface PlannableFinding {
  id: string;
  connectionId: string;
  connection: string;
  area: Area;
  kind: DriftKind;
  key: string;
  serviceId: string | null;
  /** Null when no service stands behind it. */
  serviceStatus: ServiceStatus | null;
  expected: Facts | null;
  actual: Facts | null;
  status: FindingStatus;
  timesSeen: number;
  /** A task for its service is open. */
  busy: boolean;
}

/** What is known of an area of a connection. */
export interface AreaState {
  connectionId: string;
  area: Area;
  /** The last observation was complete and is believed. */
  sound: boolean;
  /** Things of ours in it. */
  believed: number;
}

export interface PlanItem {
  finding: PlannableFinding;
  /** What would be done: an operation on the service, or a change of our own row in words. */
  repair: string;
}

export interface RefusedArea {
  connection: string;
  area: Area;
  touched: number;
  limit: number;
}

export interface DriftPlan {
  items: PlanItem[];
  /** What stays as it is, and why. */
  left: { finding: PlannableFinding; why: string }[];
  /** Areas in which it would touch too much; nothing in them is done. */
  refused: RefusedArea[];
  /** Changes when the plan does: hand it to `apply` to do exactly what was shown. */
  fingerprint: string;
}

/**
 * Decides what is repaired. Pure.
 *
 * Without `chosen`, what the policy says; with it, exactly those findings. Never anything that was seen only once, whose service
 * has a task open, or that lies in an area whose last observation cannot be relied on. An area in which more than the
 * brake allows would be touched, repairs under way included, is refused as a whole.
 */
export function planRepairs(
  findings: readonly PlannableFinding[],
  states: readonly AreaState[],
  { config, chosen }: { config: DriftConfig; chosen?: ReadonlySet<string> },
): DriftPlan {
  const stateOf = new Map(states.map((state) => [placeOf(state), state]));
  const left: DriftPlan['left'] = [];
  const lost = new Set(findings.filter(({ kind }) => kind === 'account.missing').map(accountOf));
  const wanted = findings
    .filter(({ status, id }) => status === 'open' && (chosen?.has(id) ?? true))
    .filter((finding) => {
      const why =
        finding.area === 'mailboxes' && lost.has(accountOf(finding))
          ? 'its account is missing: that comes first'
          : reasonToLeave(finding, stateOf.get(placeOf(finding)), { config, chosen });
      if (why !== undefined) left.push({ finding, why });
      return why === undefined;
    });
  const refused = refusedAreas(findings, wanted, stateOf, config.brakePercent);
  const isRefused = (finding: PlannableFinding) =>
    refused.some(({ connection, area }) => connection === finding.connection && area === finding.area);
  const items = wanted
    .filter((finding) => !isRefused(finding))
    .map((finding) => ({ finding, repair: repairOf(finding) }));
  for (const finding of wanted.filter(isRefused)) left.push({ finding, why: 'the plan would touch too much at once' });
  return { items, left, refused, fingerprint: fingerprintOf(items) };
}

function reasonToLeave(
  { id, kind, timesSeen, busy, serviceId, serviceStatus }: PlannableFinding,
  state: AreaState | undefined,
  { config, chosen }: { config: DriftConfig; chosen?: ReadonlySet<string> },
): string | undefined {
  const repair = repairs[kind];
  if (repair === undefined) return 'there is no repair for it: a person has to look';
  if (repair.how === 'operation' && serviceId === null) return 'no service stands behind it';
  const named = chosen?.has(id) === true;
  if (!named && namedRepairKinds.includes(kind)) return 'it is repaired only when it is named (--only)';
  if (!named && config.policy[kind] !== 'repair') return 'the policy is to report it';
  const from = repair.how === 'operation' ? findOperation(repair.operation)?.from : undefined;
  if (from !== undefined && serviceStatus !== null && !from.includes(serviceStatus)) {
    return `the service is ${serviceStatus}`;
  }
  if (timesSeen < 2) return 'it was seen only once';
  if (busy) return 'a task for its service is open';
  return state?.sound === true ? undefined : 'the last observation cannot be relied on';
}

function refusedAreas(
  findings: readonly PlannableFinding[],
  wanted: readonly PlannableFinding[],
  stateOf: ReadonlyMap<string, AreaState>,
  percent: number,
): RefusedArea[] {
  const underWay = findings.filter(({ status }) => status === 'planned');
  return groupsOf(wanted, placeOf).flatMap((chosen) => {
    const [first] = chosen;
    if (first === undefined) return [];
    const place = placeOf(first);
    const objects = new Set([...chosen, ...underWay.filter((one) => placeOf(one) === place)].map(objectOf));
    const limit = brakeLimit(stateOf.get(place)?.believed ?? 0, percent);
    return objects.size <= limit
      ? []
      : [{ connection: first.connection, area: first.area, touched: objects.size, limit }];
  });
}

/** Items that share a key, in their order. */
export function groupsOf<Item>(items: readonly Item[], keyOf: (item: Item) => string): Item[][] {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return [...groups.values()];
}

function repairOf({ kind }: PlannableFinding): string {
  const repair = repairs[kind];
  return repair === undefined ? '' : repair.how === 'operation' ? repair.operation : repair.summary;
}

function placeOf({ connectionId, area }: { connectionId: string; area: Area }): string {
  return `${connectionId} ${area}`;
}

/** The account of the finding's service, on the connection of the finding. */
function accountOf({ connectionId, serviceId }: PlannableFinding): string {
  return `${connectionId} ${serviceId}`;
}

/** Several differences of one service are one object. */
function objectOf({ serviceId, key }: PlannableFinding): string {
  return serviceId ?? key;
}

function fingerprintOf(items: readonly PlanItem[]): string {
  const content = items.map(({ finding: { id, expected, actual }, repair }) => [id, expected, actual, repair]);
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 16);
}
