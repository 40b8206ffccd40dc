/** Priority of a task: somebody waits for it, or it may take its time. The lower goes first; anything above 0 is bulk. */
export const taskPriorities = { interactive: 0, bulk: 1_000 } as const;

/** A customer's queued tasks are told apart up to this many. */
export const longestRank = 1_000;

const bulkBase = 10_000;
const lastPriority = 1_000;

/**
 * Priority of the wake-up of a task that nobody has taken up yet (the queue takes the lowest first, and 0 before all). Customers take
 * turns: the first task of each goes before the second of any. Interactive goes before bulk. What was begun, also by a worker that died, is
 * woken without a priority and goes before all that was not.
 * @param priority of the task
 * @param ahead tasks of the same customer and priority that are queued before it
 */
export function wakePriority(priority: number, ahead: number): number {
  const rank = Math.min(ahead, longestRank - 1);
  return priority <= 0 ? 1 + rank : bulkBase + Math.min(priority, lastPriority) * longestRank + rank;
}

/** Tasks that are due, with the place of each among those of its customer and priority; the list is in the order of their age. */
export function rankByCustomer<T extends { customerId: string; priority: number }>(
  tasks: readonly T[],
): (T & { ahead: number })[] {
  const seen = new Map<string, number>();
  return tasks.map((task) => {
    const key = `${task.customerId} ${task.priority}`;
    const ahead = seen.get(key) ?? 0;
    seen.set(key, ahead + 1);
    return { ...task, ahead };
  });
}
