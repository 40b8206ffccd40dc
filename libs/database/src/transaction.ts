import { setTimeout as pause } from 'node:timers/promises';
import { QueryFailedError, type DataSource, type EntityManager } from 'typeorm';

type AfterCommit = () => void | Promise<void>;

const callbacks = new WeakMap<EntityManager, AfterCommit[]>();

/** SQLSTATE serialization_failure and deadlock_detected: the same work may succeed when done again. */
const repeatable = new Set(['40001', '40P01']);
const attempts = 4;

/**
 * Runs `work` in one transaction and returns its result. All of it commits, or an error rolls all of it back. Inside, use
 * only the manager given. When Postgres ends the transaction because of others (deadlock, serialization), `work` is run
 * again, up to three times: it must not touch anything but the database. Keep it short and off the network.
 */
export async function inTransaction<Result>(
  dataSource: DataSource,
  work: (manager: EntityManager) => Promise<Result>,
): Promise<Result> {
  const { result, afterCommit } = await commit(dataSource, work, attempts);
  for (const callback of afterCommit) await callback();
  return result;
}

/**
 * Calls `callback` once the transaction of `manager` has committed, before `inTransaction` returns; never when it rolls
 * back, and not when the process dies in between: for what only makes things faster. Returns false, and never calls,
 * when the transaction was not opened by `inTransaction`.
 */
export function onCommit(manager: EntityManager, callback: AfterCommit): boolean {
  return Boolean(callbacks.get(manager)?.push(callback));
}

async function commit<Result>(
  dataSource: DataSource,
  work: (manager: EntityManager) => Promise<Result>,
  attemptsLeft: number,
): Promise<{ result: Result; afterCommit: AfterCommit[] }> {
  const afterCommit: AfterCommit[] = [];
  try {
    const result = await dataSource.transaction((manager) => {
      callbacks.set(manager, afterCommit);
      return work(manager);
    });
    return { result, afterCommit };
  } catch (error) {
    if (attemptsLeft === 1 || !isRepeatable(error)) throw error;
  }
  await pause(Math.random() * 50 * (attempts - attemptsLeft + 1));
  return commit(dataSource, work, attemptsLeft - 1);
}

function isRepeatable(error: unknown): boolean {
  return error instanceof QueryFailedError && repeatable.has((error.driverError as { code?: string }).code ?? '');
}
