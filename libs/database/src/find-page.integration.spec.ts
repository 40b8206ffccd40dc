import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testDatabase, type TestDatabase } from '@keelson/testing/database';
import { DataSource, EntitySchema } from 'typeorm';
import { dataSourceOptions } from './data-source.js';
import { findPage, mostCounted } from './find-page.js';

interface Boat {
  id: number;
  kind: string;
}

const boats = new EntitySchema<Boat>({
  name: 'boat',
  tableName: 'boat',
  columns: { id: { type: 'integer', primary: true }, kind: { type: 'text' } },
});

describe('a page', () => {
  let database: TestDatabase;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await testDatabase();
    dataSource = await new DataSource({ ...dataSourceOptions({ url: database.url }), entities: [boats] }).initialize();
    await dataSource.query('CREATE TABLE boat (id integer PRIMARY KEY, kind text NOT NULL)');
    await dataSource.query(
      `INSERT INTO boat SELECT n, CASE WHEN n <= 25 THEN 'yawl' ELSE 'ark' END FROM generate_series(1, ${mostCounted + 50}) n`,
    );
  }, 120_000);
  afterAll(async () => {
    await dataSource?.destroy();
    await database?.drop();
  });

  const page = (skip: number, where?: Partial<Boat>) =>
    findPage(dataSource.manager, boats, { take: 10, skip, order: { id: 'ASC' }, ...(where && { where }) });

  it.each([
    [0, 10, 25],
    [20, 5, 25],
    [30, 0, 25],
  ])('from row %i on has %i rows, of %i that fit', async (skip, length, total) => {
    const [items, counted] = await page(skip, { kind: 'yawl' });
    expect([items.length, counted]).toEqual([length, total]);
  });

  it('of nothing has nothing', async () => {
    expect(await page(0, { kind: 'raft' })).toEqual([[], 0]);
  });

  it('of very many rows counts no further than it has to, and never less than what was seen', async () => {
    expect((await page(0))[1]).toBe(mostCounted);
    expect((await page(mostCounted + 10))[1]).toBe(mostCounted + 20);
  });
});
