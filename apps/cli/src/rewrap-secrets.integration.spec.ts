import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Keyring, type SecretPlace } from '@keelson/core';
import { assertInstallationKey, dataSourceOptions, newId } from '@keelson/database';
import { testDatabase, type TestDatabase } from '@keelson/testing/database';
import { DataSource } from 'typeorm';
import { rewrapSecrets } from './rewrap-secrets.js';

const [first = '', second = '', third = ''] = ['11', '22', '33'].map((byte) => byte.repeat(32));
const old = Keyring.fromText(first);
const both = Keyring.fromText(second, first);
const fresh = Keyring.fromText(second);

describe('rewrapping secrets', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  /** Place of every secret that is stored, and what reads it. */
  let stored: { place: SecretPlace; read: string }[];

  beforeAll(async () => {
    database = await testDatabase();
    dataSource = await new DataSource(dataSourceOptions({ url: database.url })).initialize();
  }, 120_000);
  afterAll(async () => {
    await dataSource?.destroy();
    await database?.drop();
  });

  beforeEach(async () => {
    await dataSource.query('TRUNCATE installation, customers, products, connections, idempotency_keys CASCADE');
    await assertInstallationKey(database.url, old);
    stored = [];
    const keep = (table: string, column: string, id: string, read: string) => {
      stored.push({ place: { table, column, id }, read });
      return old.encrypt('hunter2', { table, column, id });
    };
    const [product, customer, connection, certificate] = [newId(), newId(), newId(), newId()];
    const { query } = dataSource;
    const run = query.bind(dataSource);
    await run(`INSERT INTO products (id, slug, name, description, type) VALUES ($1, 'p', 'n', 'd', 'hosting')`, [
      product,
    ]);
    await run(`INSERT INTO customers (id, name, email) VALUES ($1, 'n', 'a@example.test')`, [customer]);
    await run(
      `INSERT INTO connections (id, name, plugin, settings, secrets, source) VALUES ($1, 'c', 'p', '{}', $2, 'config')`,
      [connection, keep('connections', 'secrets', connection, 'SELECT secrets AS text FROM connections')],
    );
    await run('INSERT INTO connection_states (connection_id, name, value) VALUES ($1, $2, $3)', [
      connection,
      'account-key',
      keep('connection_states', 'value', `${connection}:account-key`, 'SELECT value AS text FROM connection_states'),
    ]);
    let service = '';
    for (const name of ['one', 'two', 'three', 'four', 'five']) {
      service = newId();
      await run(`INSERT INTO services (id, customer_id, product_id, type) VALUES ($1, $2, $3, 'hosting')`, [
        service,
        customer,
        product,
      ]);
      const read = `SELECT value AS text FROM service_secrets WHERE service_id = '${service}'`;
      await run('INSERT INTO service_secrets (service_id, name, value) VALUES ($1, $2, $3)', [
        service,
        name,
        keep('service_secrets', 'value', `${service}:${name}`, read),
      ]);
    }
    await run(
      `INSERT INTO certificates (id, service_id, connection_id, domains, private_key) VALUES ($1, $2, $3, '{a.example}', $4)`,
      [
        certificate,
        service,
        connection,
        keep('certificates', 'private_key', certificate, 'SELECT private_key AS text FROM certificates'),
      ],
    );
    const answer = keep(
      'idempotency_keys',
      'response',
      'tenant abc',
      `SELECT response ->> 'sealed' AS text FROM idempotency_keys`,
    );
    await run(
      `INSERT INTO idempotency_keys (scope, key, request_hash, status, response) VALUES ('tenant', 'abc', 'h', 200, $1)`,
      [{ sealed: answer }],
    );
  });

  const opens = async (keyring: Keyring) => {
    for (const { place, read } of stored) {
      const [row] = await dataSource.query<{ text: string }[]>(read);
      expect([place, keyring.decrypt(row?.text ?? '', place)]).toEqual([place, 'hunter2']);
    }
  };

  it('moves every kind of secret under the new key, after which the old one is not needed', async () => {
    await opens(old);
    expect(await rewrapSecrets(dataSource, both, 2)).toEqual({ rewrapped: stored.length, unreadable: [] });
    await opens(fresh);
    await assertInstallationKey(database.url, fresh);
    await expect(assertInstallationKey(database.url, old)).rejects.toThrow('ENCRYPTION_KEY does not open');
  });

  it('changes nothing when it is repeated', async () => {
    await rewrapSecrets(dataSource, both);
    expect(await rewrapSecrets(dataSource, both)).toEqual({ rewrapped: 0, unreadable: [] });
    await opens(fresh);
  });

  it('goes on where it was interrupted', async () => {
    await dataSource.query(
      `CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'killed'; END $$;
       CREATE TRIGGER stop BEFORE UPDATE ON certificates FOR EACH ROW EXECUTE FUNCTION stop()`,
    );
    await expect(rewrapSecrets(dataSource, both, 2)).rejects.toThrow('killed');
    await opens(both);
    await assertInstallationKey(database.url, old);
    await dataSource.query('DROP TRIGGER stop ON certificates; DROP FUNCTION stop()');
    const { rewrapped } = await rewrapSecrets(dataSource, both, 2);
    expect(rewrapped).toBeLessThan(stored.length);
    await opens(fresh);
  });

  it('leaves what it cannot open as it is, names it, and keeps the old key needed', async () => {
    const place = { table: 'service_secrets', column: 'value', id: 'elsewhere' };
    const foreign = Keyring.fromText(third).encrypt('lost', place);
    await dataSource.query(`UPDATE service_secrets SET value = $1 WHERE name = 'three'`, [foreign]);
    const { rewrapped, unreadable } = await rewrapSecrets(dataSource, both, 2);
    expect(rewrapped).toBe(stored.length - 1);
    expect(unreadable).toEqual([expect.stringMatching(/^service_secrets\.value of .*:three: .* sealed with the key /)]);
    expect(await dataSource.query(`SELECT value FROM service_secrets WHERE name = 'three'`)).toEqual([
      { value: foreign },
    ]);
    await assertInstallationKey(database.url, both);
    await expect(assertInstallationKey(database.url, fresh)).rejects.toThrow('ENCRYPTION_KEY_PREVIOUS');
  });
});
