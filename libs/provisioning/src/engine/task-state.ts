import type { StepRow } from './journal.types.js';
import type { Recipe, RecipeStep } from './recipe.js';

/** What a task has come to, judged from its steps alone. */
export type TaskState =
  | { kind: 'completed'; degraded: string[] }
  | { kind: 'undone' }
  | { kind: 'turn-round'; error: string; errorCode: string }
  | { kind: 'needs-attention'; step: string; error: string; errorCode: string }
  /** `degraded` is set once only optional steps are left: the service can be used meanwhile. */
  | { kind: 'waiting'; degraded?: string[] };

export function isFinished(row: Pick<StepRow, 'state'>): boolean {
  return row.state === 'completed' || row.state === 'skipped';
}

/** Steps that can run now: due, and everything before them finished. None once the task is stopped or a step that matters has failed. */
export function readySteps(recipe: Recipe, rows: readonly StepRow[]): { step: RecipeStep; row: StepRow }[] {
  if (rows.some((row) => row.stopped)) return [];
  if (recipe.steps.some((step) => !step.optional && rowOf(rows, step.name)?.state === 'failed')) return [];
  return recipe.steps.flatMap((step) => {
    const row = rowOf(rows, step.name);
    return row !== undefined && isClaimable(row) && !isBlocked(recipe, rows, step) ? [{ step, row }] : [];
  });
}

/**
 * Milliseconds until there is something to do, 0 for at once; undefined when nothing will ever be due by itself. Counts only
 * what the engine would really take up then, so that no task is woken for nothing.
 */
export function nextDueMs(recipe: Recipe, rows: readonly StepRow[], direction: 'forward' | 'undo'): number | undefined {
  if (direction === 'undo') {
    const next = nextToUndo(rows);
    if (next === undefined) return undefined;
    return Math.max(['intent', 'undoing'].includes(next.state) ? (next.dueInMs ?? 0) : 0, next.heldInMs ?? 0, 0);
  }
  if (readySteps(recipe, rows).length > 0) return 0;
  const times = recipe.steps.flatMap((step) => {
    const row = rowOf(rows, step.name);
    if (row === undefined || isFinished(row) || isBlocked(recipe, rows, step)) return [];
    const due = ['intent', 'waiting', 'unknown'].includes(row.state) ? row.dueInMs : null;
    const waits = row.state === 'pending' ? row.heldInMs : due;
    return waits === null ? [] : [Math.max(0, waits, row.heldInMs ?? 0)];
  });
  return times.length === 0 ? undefined : Math.min(...times);
}

/** The last step that may have left something behind: the next to be taken back. */
export function nextToUndo(rows: readonly StepRow[]): StepRow | undefined {
  return rows.filter((row) => isTouched(row)).at(-1);
}

/** Whether nothing but optional steps is left. */
export function leavesOptional(recipe: Recipe, rows: readonly Pick<StepRow, 'name' | 'state'>[]): boolean {
  return rows.every((row) => isFinished(row) || stepOf(recipe, row.name)?.optional === true);
}

/** Whether everything that the service needs is there; what is left is optional, or its vendor is at it for days. */
export function isUsable(recipe: Recipe, rows: readonly OpenRow[]): boolean {
  return rows.every((row) => isFinished(row) || stepOf(recipe, row.name)?.optional === true || isUnderWay(recipe, row));
}

type OpenRow = Pick<StepRow, 'name' | 'state' | 'note' | 'nextAttemptAt' | 'leaseUntil'>;

/** Whether the vendor is at it, and the rest need not wait. */
function isUnderWay(recipe: Recipe, row: OpenRow): boolean {
  const begun = row.note !== null && ['waiting', 'intent', 'unknown'].includes(row.state);
  return begun && !isStuck(row) && stepOf(recipe, row.name)?.meanwhile === true;
}

/**
 * The pivot that was taken up and may have spent money, or undefined. One that waits for the vendor is under way, and so is one with
 * a note; otherwise one that waits after an error is known to have had no effect.
 */
export function spentPivot<Row extends Pick<StepRow, 'name' | 'state' | 'errorCode' | 'note'>>(
  recipe: Recipe,
  rows: readonly Row[],
): Row | undefined {
  return rows.find(
    (row) =>
      stepOf(recipe, row.name)?.phase === 'pivot' &&
      (['intent', 'unknown', 'completed'].includes(row.state) ||
        (row.state === 'waiting' && (row.errorCode === null || row.note !== null))),
  );
}

function rowOf(rows: readonly StepRow[], name: string): StepRow | undefined {
  return rows.find((row) => row.name === name);
}

function stepOf(recipe: Recipe, name: string): RecipeStep | undefined {
  return recipe.steps.find((step) => step.name === name);
}

function isClaimable(row: StepRow): boolean {
  if (row.heldInMs !== null && row.heldInMs > 0) return false;
  return row.state === 'pending' || (row.state !== 'undoing' && (row.lapsed || row.due));
}

/** Whether a step before it is still to be finished. An optional one that does not get on does not hold others up. */
function isBlocked(recipe: Recipe, rows: readonly StepRow[], step: RecipeStep): boolean {
  return step.after.some((name) => {
    const before = rowOf(rows, name);
    if (before === undefined || isFinished(before)) return false;
    if (isUnderWay(recipe, before) && !step.named.includes(name)) return false;
    return !(stepOf(recipe, name)?.optional === true && (before.state === 'failed' || isStuck(before)));
  });
}

/** Whether the step may have left something behind: it was claimed once, and not taken back since. */
function isTouched(row: StepRow): boolean {
  return row.fence !== '0' && !['pending', 'skipped', 'compensated'].includes(row.state);
}

/** Whether the engine has no further move of its own for this step. */
function isStuck(row: Pick<StepRow, 'state' | 'nextAttemptAt' | 'leaseUntil'>): boolean {
  return ['waiting', 'unknown', 'undoing'].includes(row.state) && row.nextAttemptAt === null && row.leaseUntil === null;
}

/** Decides what the task is now. */
export function stateOfTask(
  recipe: Recipe,
  rows: readonly StepRow[],
  task: { direction: 'forward' | 'undo'; cancelRequestedAt: Date | null },
): TaskState {
  if (task.direction === 'undo') {
    const next = nextToUndo(rows);
    if (next === undefined) return { kind: 'undone' };
    return next.state === 'undoing' && isStuck(next) ? attention(next) : { kind: 'waiting' };
  }
  const optional = (row: StepRow) => stepOf(recipe, row.name)?.optional === true;
  const busy = rows.some((row) => row.state === 'intent');
  const failed = rows.find((row) => row.state === 'failed' && !optional(row));
  // What a dead worker left is not taken up again once the task is to end: taking back begins with it.
  const alive = rows.some((row) => row.state === 'intent' && !row.lapsed);
  if (!alive && spentPivot(recipe, rows) === undefined) {
    if (failed !== undefined && stepOf(recipe, failed.name)?.asks !== true) {
      return { kind: 'turn-round', error: failed.error ?? 'A step failed.', errorCode: failed.errorCode ?? 'internal' };
    }
    if (task.cancelRequestedAt !== null)
      return { kind: 'turn-round', error: 'Cancelled on request.', errorCode: 'cancelled' };
  }
  const open = rows.filter((row) => !isFinished(row));
  if (isUsable(recipe, rows)) {
    const degraded = open.map((row) => row.name);
    return open.every((row) => optional(row) && (row.state === 'failed' || isStuck(row)))
      ? { kind: 'completed', degraded }
      : { kind: 'waiting', degraded };
  }
  if (busy) return { kind: 'waiting' };
  if (failed !== undefined) return attention(failed);
  const stuck = rows.find((row) => isStuck(row) && !optional(row));
  return stuck === undefined ? { kind: 'waiting' } : attention(stuck);
}

function attention(row: StepRow): TaskState {
  return {
    kind: 'needs-attention',
    step: row.name,
    error: row.error ?? row.reason ?? 'The step does not get on by itself.',
    errorCode: row.errorCode ?? 'internal',
  };
}
