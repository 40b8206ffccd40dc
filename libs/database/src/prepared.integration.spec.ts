import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testDatabase, type TestDatabase } from '@keelson/testing/database';
import { DataSource, QueryFailedError } from 'typeorm';
import { dataSourceOptions } from './data-source.js';
import { queryPrepared } from './prepared.js';
import { inTransaction } from './transaction.js';

describe('a prepared statement', () => {
  let database: TestDatabase;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await testDatabase();
    dataSource = await new DataSource(dataSourceOptions({ url: database.url, poolSize: 1 })).initialize();
    await dataSource.query('CREATE TABLE boat (name text PRIMARY KEY, length integer NOT NULL)');
  });

  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  const insert = 'INSERT INTO boat (name, length) VALUES ($1, $2) RETURNING name';
  const boats = () =>
    queryPrepared<{ name: string }>(dataSource.manager, 'SELECT name FROM boat WHERE length > $1', [0]);

  it('returns the rows of a change and of a question', async () => {
    expect(await queryPrepared(dataSource.manager, insert, ['ark', 1])).toEqual([{ name: 'ark' }]);
    expect(await boats()).toEqual([{ name: 'ark' }]);
  });

  it('is prepared once, however often it runs', async () => {
    await boats();
    await boats();
    const [row] = await dataSource.query<{ count: number }[]>(
      `SELECT count(*)::int AS count FROM pg_prepared_statements WHERE statement LIKE 'SELECT name FROM boat%'`,
    );
    expect(row?.count).toBe(1);
  });

  it('belongs to the transaction of its manager', async () => {
    const failed = inTransaction(dataSource, async (manager) => {
      await queryPrepared(manager, insert, ['yawl', 1]);
      throw new Error('no wind');
    });
    await expect(failed).rejects.toThrow('no wind');
    expect(await boats()).toEqual([{ name: 'ark' }]);
  });

  it('writes nothing when the connection of its transaction was lost', async () => {
    const lost = inTransaction(dataSource, async (manager) => {
      const [row] = await manager.query<{ pid: number }[]>('SELECT pg_backend_pid() AS pid');
      const other = await new DataSource(dataSourceOptions({ url: database.url, poolSize: 1 })).initialize();
      await other.query('SELECT pg_terminate_backend($1)', [row?.pid]);
      await other.destroy();
      while (manager.queryRunner?.isReleased === false) await new Promise((resolve) => setTimeout(resolve, 5));
      await queryPrepared(manager, insert, ['yawl', 1]);
    });
    await expect(lost).rejects.toThrow();
    expect(await boats()).toEqual([{ name: 'ark' }]);
  });

  it('fails as any other statement does', async () => {
    const again = queryPrepared(dataSource.manager, insert, ['ark', 1]);
    await expect(again).rejects.toBeInstanceOf(QueryFailedError);
    await expect(queryPrepared(dataSource.manager, insert, ['ark', 1])).rejects.toMatchObject({
      driverError: { code: '23505' },
    });
  });
});
