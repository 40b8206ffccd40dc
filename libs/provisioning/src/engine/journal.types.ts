import type { ProvisioningStep, StepState } from './provisioning-step.entity.js';
import type { ProvisioningTask, TaskStatus } from './provisioning-task.entity.js';

/** A task that was taken up. */
export type BegunTask = ProvisioningTask & {
  /** Its status before. `running`: somebody is at it, or went down with it. */
  was: TaskStatus;
  /** Another one once anybody takes it up or decides about it. */
  version: string;
};

/** What an operator says he did by hand in place of a step. */
export interface GivenByHand {
  output: Record<string, unknown> | null;
  /** How he knows, in his words. */
  evidence: string;
  by: string;
}

/** A claimed step: whoever holds this, and only while the fence stands, may write its outcome. */
export interface Claim {
  stepId: string;
  taskId: string;
  name: string;
  fence: string;
  attempt: number;
  looks: number;
  absences: number;
  crashes: number;
  undoAttempt: number;
  /** State before the claim. */
  was: StepState;
  /** A look proved that the effect did not exist before this step first acted: what exists now is its own work. */
  sawAbsent: boolean;
  output: unknown;
  /** What its last `Pending` gave; null when there was none. */
  note: unknown;
  /** Set when an operator marked it done. */
  given: GivenByHand | null;
}

/** A step with what only the database's clock can say. */
export interface StepRow extends ProvisioningStep {
  /** Waiting or unknown, and its time has come. */
  due: boolean;
  /** Claimed by a worker that gave no sign of life. */
  lapsed: boolean;
  /** The task was cancelled or turned round: no step begins any more. */
  stopped: boolean;
  /** Milliseconds until its next attempt, or the end of its lease; null when it has neither. Negative: overdue. */
  dueInMs: number | null;
  /** Milliseconds until it asks its connection again, which has no room for it now; null when nothing holds it up. */
  heldInMs: number | null;
}

export interface StepOutcome {
  state: Exclude<StepState, 'pending' | 'intent'>;
  output?: unknown;
  /** What the step has to know when it goes on. */
  note?: unknown;
  evidence?: Record<string, unknown>;
  reason?: string;
  error?: string;
  errorCode?: string;
  connection?: string;
  /** Milliseconds until it is due again. */
  delayMs?: number;
  /** The vendor wants a pause for this object only, not for its whole connection. */
  alone?: boolean;
  /** The try (of the effect, or of taking it back) does not count. */
  refundAttempt?: boolean;
  /** Nor do those before it: the vendor gave a clear answer, and what fails from now on is counted anew. */
  refundAttempts?: boolean;
  /** Looks without a clear answer since the last try. */
  looks?: number;
  /** Looks that proved absence since the last try. */
  absences?: number;
}

/** The step waits in the line of its connection, and asks again after so many milliseconds if nobody calls it. */
export interface Held {
  state: 'held';
  delayMs: number;
}

/** What changes a task, and the event that says so. */
export interface TaskChange {
  status?: TaskStatus;
  direction?: 'forward' | 'undo';
  /** Milliseconds until it is due; null: nothing is due. */
  wakeInMs?: number | null;
  error?: string | null;
  errorCode?: string | null;
  completed?: boolean;
  event?: { type: string; step?: string; data?: Record<string, unknown> };
}
