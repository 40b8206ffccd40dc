import { toPublicId } from '@keelson/database';
import type { TaskView, TimelineEntry } from '@keelson/provisioning';
import type { TaskDto, TimelineEntryDto } from './provisioning.dto.js';

/** A task as the contract shows it. */
export function taskOf(task: TaskView): TaskDto {
  return {
    id: toPublicId('job', task.id),
    status: task.status,
    serviceId: toPublicId('srv', task.serviceId),
    operation: task.operation.replaceAll('_', '-'),
    recipe: task.recipe,
    progress: task.progress,
    steps: task.steps,
    ...(task.error === undefined ? {} : { error: task.error }),
    startedAt: task.startedAt?.toISOString() ?? null,
    completedAt: task.completedAt?.toISOString() ?? null,
    createdAt: task.createdAt.toISOString(),
    timeline: task.timeline.map(entryOf),
  };
}

function entryOf({
  step,
  status,
  connection,
  attempt,
  durationMs,
  reason,
  error,
  ...times
}: TimelineEntry): TimelineEntryDto {
  return {
    step,
    status,
    attempt,
    ...(connection !== undefined && { connection }),
    ...(times.startedAt && { startedAt: times.startedAt.toISOString() }),
    ...(times.finishedAt && { finishedAt: times.finishedAt.toISOString() }),
    ...(durationMs !== undefined && { durationMs }),
    ...(reason !== undefined && { reason }),
    ...(error !== undefined && { error }),
    ...(times.nextAttemptAt && { nextAttemptAt: times.nextAttemptAt.toISOString() }),
  };
}
