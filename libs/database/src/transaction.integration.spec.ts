import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { testDatabase, type TestDatabase } from '@keelson/testing/database';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from './data-source.js';
import { inTransaction, onCommit } from './transaction.js';

describe('inTransaction', () => {
  let database: TestDatabase;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await testDatabase();
    dataSource = await new DataSource(dataSourceOptions({ url: database.url })).initialize();
    await dataSource.query('CREATE TABLE boat (name text PRIMARY KEY, length integer NOT NULL)');
  });

  beforeEach(async () => {
    await dataSource.query('TRUNCATE boat');
    await dataSource.query(`INSERT INTO boat VALUES ('ark', 1), ('yawl', 1)`);
  });

  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  const lengths = async () => {
    const rows = await dataSource.query<{ name: string; length: number }[]>('SELECT name, length FROM boat');
    return Object.fromEntries(rows.map(({ name, length }) => [name, length]));
  };

  it('commits all of it and returns the result', async () => {
    const result = await inTransaction(dataSource, async (manager) => {
      await manager.query(`UPDATE boat SET length = 9`);
      return 'done';
    });
    expect(result).toBe('done');
    expect(await lengths()).toEqual({ ark: 9, yawl: 9 });
  });

  it('rolls all of it back on an error and passes the error on', async () => {
    const failure = new Error('no wind');
    const calls: string[] = [];
    const work = inTransaction(dataSource, async (manager) => {
      onCommit(manager, () => void calls.push('committed'));
      await manager.query(`UPDATE boat SET length = 9`);
      throw failure;
    });
    await expect(work).rejects.toBe(failure);
    expect(await lengths()).toEqual({ ark: 1, yawl: 1 });
    expect(calls).toEqual([]);
  });

  it('calls back after the commit, when others can see the change', async () => {
    let seen = {};
    await inTransaction(dataSource, async (manager) => {
      expect(onCommit(manager, async () => void (seen = await lengths()))).toBe(true);
      await manager.query(`UPDATE boat SET length = 9`);
    });
    expect(seen).toEqual({ ark: 9, yawl: 9 });
  });

  it('says so when there is no transaction whose commit it could wait for', () => {
    expect(onCommit(dataSource.manager, () => undefined)).toBe(false);
  });

  it('does the work again when a deadlock ended it', async () => {
    let runs = 0;
    let bothHold!: () => void;
    const both = new Promise<void>((resolve) => (bothHold = resolve));
    const lengthen = (first: string, second: string) =>
      inTransaction(dataSource, async (manager) => {
        runs += 1;
        await manager.query('UPDATE boat SET length = length + 1 WHERE name = $1', [first]);
        if (runs === 2) bothHold();
        await both;
        await manager.query('UPDATE boat SET length = length + 1 WHERE name = $1', [second]);
      });
    await Promise.all([lengthen('ark', 'yawl'), lengthen('yawl', 'ark')]);
    expect(runs).toBe(3);
    expect(await lengths()).toEqual({ ark: 3, yawl: 3 });
  });

  it('does not repeat work that failed for another reason', async () => {
    let runs = 0;
    const work = inTransaction(dataSource, async (manager) => {
      runs += 1;
      await manager.query(`INSERT INTO boat VALUES ('ark', 1)`);
    });
    await expect(work).rejects.toMatchObject({ driverError: { code: '23505' } });
    expect(runs).toBe(1);
  });
});
