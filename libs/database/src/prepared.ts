import type { Pool, PoolClient } from 'pg';
import { type EntityManager, QueryFailedError } from 'typeorm';

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
  const client = ((await manager.queryRunner?.connect()) ?? poolOf(manager)) as Pick<PoolClient, 'query'>;
  try {
    const { rows } = await client.query<Row>({ name, text, values });
    return rows;
  } catch (error) {
    throw new QueryFailedError(text, values, error as Error);
  }
}

function poolOf({ dataSource }: EntityManager): Pool {
  return (dataSource.driver as unknown as { master: Pool }).master;
}
