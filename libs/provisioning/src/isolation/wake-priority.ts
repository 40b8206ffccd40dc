/** Priority of a task: somebody waits for it, or it may take its time. The lower goes first; anything above 0 is bulk. */
export const taskPriorities = { interactive: 0, bulk: 1_000 } as const;

/** Seconds between the turns of two tasks that one customer has open: whoever ordered meanwhile goes between them. */
export const turnSeconds = 60;

/** Tasks of a customer are told apart up to this many. */
const longestRank = 1_000;

const bulkBase = 10_000;
const lastPriority = 1_000;

/**
 * Priority of the wake-up of a task that nobody has taken up yet (the queue takes the lowest first, and 0 before all). Customers take
 * turns: the first task of each goes before the second of any. Interactive goes before bulk. What was begun, also by a worker that died, is
 * woken without a priority and goes before all that was not.
 * @param priority of the task
 * @param ahead how many turns of its customer its own is away; below 0 when it has passed
 */
export function wakePriority(priority: number, ahead: number): number {
  const rank = Math.min(Math.max(0, Math.round(ahead)), longestRank - 1);
  return priority <= 0 ? 1 + rank : bulkBase + Math.min(priority, lastPriority) * longestRank + rank;
}
