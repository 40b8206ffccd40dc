import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { BootError, Keyring } from '@keelson/core';
import { testDatabase, type TestDatabase } from '@keelson/testing/database';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from './data-source.js';
import { assertInstallationKey } from './key-proof.js';

const [first = '', second = ''] = ['11', '22'].map((byte) => byte.repeat(32));

describe('the key of an installation', () => {
  let database: TestDatabase;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await testDatabase();
    dataSource = await new DataSource(dataSourceOptions({ url: database.url })).initialize();
  }, 120_000);
  afterAll(async () => {
    await dataSource?.destroy();
    await database?.drop();
  });
  beforeEach(() => dataSource.query('DELETE FROM installation'));

  const check = (...keys: [string, ...string[]]) => assertInstallationKey(database.url, Keyring.fromText(...keys));
  const stored = () => dataSource.query<{ key_proof: string }[]>('SELECT key_proof FROM installation');

  it('is remembered at the first start and accepted from then on', async () => {
    await Promise.all(Array.from({ length: 5 }, () => check(first)));
    const [proof, ...more] = await stored();
    expect(more).toEqual([]);
    expect(JSON.stringify(proof)).not.toContain(first);
    await check(first);
    expect(await stored()).toEqual([proof]);
  });

  it('is refused, in one line that says the fix, when it is another one; nothing stored changes', async () => {
    await check(first);
    const before = await stored();
    const refusal = check(second);
    await expect(refusal).rejects.toBeInstanceOf(BootError);
    await expect(check(second)).rejects.toThrow(
      /^ENCRYPTION_KEY does not open the stored secrets .*ENCRYPTION_KEY_PREVIOUS$/,
    );
    expect(await stored()).toEqual(before);
  });

  it('may be a new one as long as the old one is named beside it', async () => {
    await check(first);
    await check(second, first);
  });

  it('is asked for only when there are tables', async () => {
    const admin = new URL(database.url);
    admin.pathname = '/postgres';
    const refusal = assertInstallationKey(admin.href, Keyring.fromText(first));
    await expect(refusal).rejects.toThrow('run keelson setup');
  });
});
