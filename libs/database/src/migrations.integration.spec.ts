import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testDatabase, type TestDatabase } from '@keelson/testing/database';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { migrate, pendingMigrations } from './migrations.js';

const migration = (name: string, sql: string) => `
  export class ${name} {
    name = '${name}';
    async up(queryRunner) { await queryRunner.query(\`${sql}\`); }
    async down() {}
  }`;

describe('migrate', () => {
  let database: TestDatabase;
  let client: pg.Client;
  let folder: string;

  beforeAll(async () => {
    database = await testDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    folder = mkdtempSync(join(tmpdir(), 'keelson-test-migrations-'));
    writeFileSync(
      join(folder, '1700000000002-grow-boat.js'),
      migration('GrowBoat1700000000002', 'ALTER TABLE boat ADD COLUMN length integer'),
    );
    writeFileSync(
      join(folder, '1700000000001-create-boat.js'),
      migration('CreateBoat1700000000001', 'CREATE TABLE boat (id uuid)'),
    );
  });

  afterAll(async () => {
    await client.end();
    await database.drop();
    rmSync(folder, { recursive: true });
  });

  it('finds nothing pending in a database made from the migrations of this repository', async () => {
    expect(await pendingMigrations(database.url)).toEqual([]);
    const { rows } = await client.query(`SELECT count(*)::int AS count FROM migrations`);
    expect(rows[0].count).toBeGreaterThan(0);
  });

  it('applies every migration once and in order, however many processes ask at the same time', async () => {
    const names = ['CreateBoat1700000000001', 'GrowBoat1700000000002'];
    expect(await pendingMigrations(database.url, folder)).toEqual(names);
    const applied = await Promise.all([
      migrate(database.url, folder),
      migrate(database.url, folder),
      migrate(database.url, folder),
    ]);
    expect(applied.flat()).toEqual(names);
    expect(await pendingMigrations(database.url, folder)).toEqual([]);
  });

  it('applies none of several when one of them fails', async () => {
    writeFileSync(
      join(folder, '1700000000003-create-crew.js'),
      migration('CreateCrew1700000000003', 'CREATE TABLE crew (id uuid)'),
    );
    writeFileSync(
      join(folder, '1700000000004-break.js'),
      migration('Break1700000000004', 'ALTER TABLE nowhere ADD COLUMN x text'),
    );
    await expect(migrate(database.url, folder)).rejects.toThrow('nowhere');
    const { rows } = await client.query(`SELECT to_regclass('crew') AS crew`);
    expect(rows).toEqual([{ crew: null }]);
    expect(await pendingMigrations(database.url, folder)).toHaveLength(2);
  });

  it('refuses a file that is not one migration', async () => {
    writeFileSync(join(folder, '1700000000005-empty.js'), 'export const nothing = 1;');
    await expect(migrate(database.url, folder)).rejects.toThrow(
      '1700000000005-empty.js must export one migration class',
    );
  });
});
