import type { JobsOptions } from 'bullmq';

/** What a job carries: the id of the row to look at. */
export interface WakeUpJob {
  readonly id: string;
}

/**
 * A handler that fails is called again after 1, 2, 4 and 8 s; after that the row's own due time brings it back. Finished
 * jobs are not kept, failed ones for a day.
 */
export const jobOptions = {
  attempts: 5,
  backoff: { type: 'exponential', delay: 1_000 },
  removeOnComplete: true,
  removeOnFail: { age: 24 * 3_600, count: 200 },
} satisfies JobsOptions;

/** Unique for each wake-up, so that none is taken for another one; BullMQ refuses `:` and bare numbers. */
export function jobId(kind: string, id: string, wakeUpId: string): string {
  return `${kind}_${id}_${wakeUpId}`;
}
