import type { StepRow } from './journal.service.js';
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
  const byName = new Map(rows.map((row) => [row.name, row]));
  if (rows.some((row) => row.stopped)) return [];
  if (recipe.steps.some((step) => !step.optional && byName.get(step.name)?.state === 'failed')) return [];
  return recipe.steps.flatMap((step) => {
    const row = byName.get(step.name);
    if (row === undefined || !isClaimable(row)) return [];
    const open = step.after.some((name) => {
      const before = byName.get(name);
      const optional = recipe.steps.find((known) => known.name === name)?.optional === true;
      return before !== undefined && !isFinished(before) && !(optional && before.state === 'failed');
    });
    return open ? [] : [{ step, row }];
  });
}

function isClaimable(row: StepRow): boolean {
  return row.state === 'pending' || row.lapsed || (row.due && row.state !== 'undoing');
}

/** Whether the engine has no further move of its own for this step. */
function isStuck(row: StepRow): boolean {
  return ['waiting', 'unknown', 'undoing'].includes(row.state) && row.nextAttemptAt === null && row.leaseUntil === null;
}

/** Decides what the task is now. */
export function stateOfTask(
  recipe: Recipe,
  rows: readonly StepRow[],
  task: { direction: 'forward' | 'undo'; cancelRequestedAt: Date | null },
): TaskState {
  const stuck = rows.find((row) => isStuck(row));
  if (task.direction === 'undo') {
    if (stuck !== undefined) return attention(stuck);
    return rows.every((row) => isUndone(row)) ? { kind: 'undone' } : { kind: 'waiting' };
  }
  const step = (name: string) => recipe.steps.find((known) => known.name === name);
  const busy = rows.some((row) => row.state === 'intent');
  const pivoted = rows.some(
    (row) => step(row.name)?.phase === 'pivot' && !['pending', 'skipped', 'failed'].includes(row.state),
  );
  const failed = rows.find((row) => row.state === 'failed' && step(row.name)?.optional !== true);
  if (!busy && !pivoted) {
    if (failed !== undefined) {
      return { kind: 'turn-round', error: failed.error ?? 'A step failed.', errorCode: failed.errorCode ?? 'internal' };
    }
    if (task.cancelRequestedAt !== null)
      return { kind: 'turn-round', error: 'Cancelled on request.', errorCode: 'cancelled' };
  }
  if (busy) return { kind: 'waiting' };
  if (failed !== undefined) return attention(failed);
  if (stuck !== undefined && step(stuck.name)?.optional !== true) return attention(stuck);
  const open = rows.filter((row) => !isFinished(row));
  if (open.every((row) => step(row.name)?.optional === true && (row.state === 'failed' || isStuck(row)))) {
    return { kind: 'completed', degraded: open.map((row) => row.name) };
  }
  if (open.every((row) => step(row.name)?.optional === true))
    return { kind: 'waiting', degraded: open.map((row) => row.name) };
  return { kind: 'waiting' };
}

function isUndone(row: StepRow): boolean {
  return ['pending', 'skipped', 'compensated'].includes(row.state) || (row.attempt === 0 && row.state !== 'undoing');
}

function attention(row: StepRow): TaskState {
  return {
    kind: 'needs-attention',
    step: row.name,
    error: row.error ?? row.reason ?? 'The step does not get on by itself.',
    errorCode: row.errorCode ?? 'internal',
  };
}
