import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { ProvisioningService } from './provisioning.service.js';
import type { TaskView } from './task-view.js';

/** What became of a task, for somebody who waits for it. */
export type TaskOutcome =
  | { state: 'done' }
  /** Nothing goes on while somebody waits. `error` is safe to show. */
  | { state: 'failed'; error: string }
  | { state: 'under-way' };

const lookEveryMs = 200;
/** A step that waits for an operator will not be done soon. */
const operatorCodes = ['invalid-config', 'no-funds'];

/** Lets callers of synchronous interfaces wait for tasks. */
@Injectable()
export class TaskOutcomes {
  constructor(private readonly provisioning: ProvisioningService) {}

  /**
   * Waits until the task is done, failed, or waits for a person, but not longer than `waitMs`. The task goes on all the same.
   * @throws TaskNotFoundError
   */
  async wait(taskId: string, waitMs: number): Promise<TaskOutcome> {
    const deadline = performance.now() + waitMs;
    for (;;) {
      const outcome = outcomeOf(await this.provisioning.view(taskId));
      if (outcome.state !== 'under-way' || performance.now() + lookEveryMs > deadline) return outcome;
      await pause(lookEveryMs);
    }
  }
}

function outcomeOf(task: TaskView): TaskOutcome {
  if (task.status === 'completed') return { state: 'done' };
  const blocked = task.timeline.find(
    ({ status, errorCode = '' }) => status === 'waiting' && operatorCodes.includes(errorCode),
  );
  const error = task.error ?? blocked?.error;
  const over = ['failed', 'cancelled', 'needs_attention'].includes(task.status);
  return over || error !== undefined
    ? { state: 'failed', error: error ?? 'The job was given up.' }
    : { state: 'under-way' };
}
