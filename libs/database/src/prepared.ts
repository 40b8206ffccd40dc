import type { PoolClient } from 'pg';
import { type EntityManager, QueryFailedError, QueryRunnerAlreadyReleasedError } from 'typeorm';

/** Names by text: the same in every connection of this process. */
const names = new Map<string, string>();

/**
 * Runs a statement that every connection parses once and soon no longer plans: for the few that run with every step of every
 * task. In the manager's transaction, or, when it has none, in one of its own. Returns the rows, also of a statement that changes some.
 *
 * `text` must be one of a few written in the code, never put together from data, and must name its columns: each stays prepared for
 * as long as its connection lives. Throws `QueryFailedError`, as `manager.query` does.
 */
export async function queryPrepared<Row extends object>(
  manager: EntityManager,
  text: string,
  values: unknown[],
): Promise<Row[]> {
  let name = names.get(text);
  if (name === undefined) names.set(text, (name = `keelson_${names.size + 1}`));
  const own = manager.queryRunner === undefined ? manager.dataSource.createQueryRunner() : undefined;
  const runner = own ?? manager.queryRunner;
  try {
    // Its connection, lost or given back, may be somebody else's by now.
    if (runner?.isReleased !== false) throw new QueryRunnerAlreadyReleasedError();
    const client = (await runner.connect()) as Pick<PoolClient, 'query'>;
    const { rows } = await client.query<Row>({ name, text, values });
    return rows;
  } catch (error) {
    throw new QueryFailedError(text, values, error as Error);
  } finally {
    // Not by the pool's own `query`: it hands a connection on before its last words are read, and an error among them ends the process.
    await own?.release();
  }
}
