import type { ProvisioningEvent } from '../engine/provisioning-event.entity.js';
import type { ProvisioningStep, StepState } from '../engine/provisioning-step.entity.js';
import type { ProvisioningTask, TaskStatus } from '../engine/provisioning-task.entity.js';

/** Step states as clients know them. */
export type StepStatus =
  'pending' | 'running' | 'waiting' | 'unknown' | 'completed' | 'skipped' | 'failed' | 'compensated';

const statusOf: Record<StepState, StepStatus> = {
  pending: 'pending',
  intent: 'running',
  undoing: 'running',
  waiting: 'waiting',
  unknown: 'unknown',
  completed: 'completed',
  skipped: 'skipped',
  failed: 'failed',
  compensated: 'compensated',
};

export interface TimelineEntry {
  step: string;
  status: StepStatus;
  /** Connection that did it. */
  connection?: string;
  worker?: string;
  attempt: number;
  startedAt?: Date;
  finishedAt?: Date;
  durationMs?: number;
  /** Why it was skipped or sleeps. */
  reason?: string;
  error?: string;
  errorCode?: string;
  nextAttemptAt?: Date;
}

/** A task as the API shows it; ids are still UUIDs. */
export interface TaskView {
  id: string;
  status: TaskStatus;
  serviceId: string;
  customerId: string;
  /** What was asked for, such as `provision` or `suspend`. */
  operation: string;
  recipe: string;
  /** Who asked, as in the audit log. */
  requestedBy?: string;
  /** Finished steps in per cent. */
  progress: number;
  steps: Record<string, StepStatus>;
  error?: string;
  errorCode?: string;
  createdAt: Date;
  startedAt?: Date;
  completedAt?: Date;
  timeline: TimelineEntry[];
}

export interface EventView {
  /** Grows with every event of the task. */
  id: string;
  at: Date;
  type: string;
  step?: string;
  data: Record<string, unknown>;
}

/** @param steps in the recipe's order */
export function viewOf(task: ProvisioningTask, steps: readonly ProvisioningStep[]): TaskView {
  const finished = steps.filter((step) => step.state === 'completed' || step.state === 'skipped').length;
  return {
    id: task.id,
    status: task.status,
    serviceId: task.serviceId,
    customerId: task.customerId,
    operation: task.operation,
    recipe: task.recipe,
    requestedBy: task.requestedBy ?? undefined,
    progress: steps.length === 0 ? 0 : Math.round((finished / steps.length) * 100),
    steps: Object.fromEntries(steps.map((step) => [step.name, statusOf[step.state]])),
    error: task.error ?? undefined,
    errorCode: task.errorCode ?? undefined,
    createdAt: task.createdAt,
    startedAt: task.startedAt ?? undefined,
    completedAt: task.completedAt ?? undefined,
    timeline: steps.map((step) => timelineOf(step)),
  };
}

function timelineOf(step: ProvisioningStep): TimelineEntry {
  const { startedAt, finishedAt } = step;
  return {
    step: step.name,
    status: statusOf[step.state],
    connection: step.connection ?? undefined,
    worker: step.worker ?? undefined,
    attempt: step.attempt,
    startedAt: startedAt ?? undefined,
    finishedAt: finishedAt ?? undefined,
    durationMs: startedAt !== null && finishedAt !== null ? finishedAt.getTime() - startedAt.getTime() : undefined,
    reason: step.reason ?? undefined,
    error: step.error ?? undefined,
    errorCode: step.errorCode ?? undefined,
    nextAttemptAt: step.nextAttemptAt ?? undefined,
  };
}

export function eventViewOf(event: ProvisioningEvent): EventView {
  return { id: event.id, at: event.at, type: event.type, step: event.step ?? undefined, data: event.data };
}
