import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { guardAdapter, isPortError, mailboxPort } from '@keelson/core';
import pg from 'pg';
import { installSchema, startSimulator, type PostfixDovecotSimulator } from '../simulator/index.js';
import { capabilities } from '../src/index.js';
import { adapterOf } from './configs.js';

const domain = 'bee.example';
const spec = { address: `admin@${domain}`, password: 'S3cure-and-l0ng' };

let host: PostfixDovecotSimulator;
beforeAll(async () => {
  host = await startSimulator();
});
afterAll(() => host?.stop());
afterEach(async () => {
  host.faults.clear();
  await host.query('DELETE FROM mail_domains');
});

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'success',
    (thrown: unknown) => (isPortError(thrown) ? thrown.code : String(thrown)),
  );
}

/** The address of the simulator's database, changed. */
function addressWith(change: Partial<URL>): { databaseUrl: string } {
  return { databaseUrl: Object.assign(new URL(String(host.settings.databaseUrl)), change).href };
}

describe('a mailbox in the tables', () => {
  it('has a hash that Dovecot reads, the default quota, and a folder of its own', async () => {
    await adapterOf(host).ensureDomain(domain);
    expect(await adapterOf(host, { defaultQuotaMb: 2048 }).ensureMailbox(spec)).toMatchObject({ quotaMb: 2048 });
    const [row] = await host.query<Record<string, unknown>>('SELECT * FROM mail_boxes');
    expect(row).toMatchObject({ address: spec.address, domain, quota_mb: 2048, suspended: false });
    expect(row?.password).toMatch(/^\{ARGON2ID\}\$argon2id\$/);
    expect(row?.home).toMatch(/^[0-9a-f-]{36}$/);
    await adapterOf(host).ensureMailbox({ ...spec, password: 'An0ther-password' });
    expect(await host.query('SELECT * FROM mail_boxes')).toEqual([row]);
  });

  it('shows what Dovecot counted, and leaves its folder to be deleted when it goes', async () => {
    const adapter = adapterOf(host);
    await adapter.ensureDomain(domain);
    await adapter.ensureMailbox(spec);
    await host.query('INSERT INTO mail_usage (address, bytes) VALUES ($1, 5242880)', [spec.address]);
    expect(await adapter.findMailbox(spec.address)).toMatchObject({ usedMb: 5 });
    const homes = await host.query('SELECT home FROM mail_boxes');
    await adapter.removeMailbox(spec.address);
    expect(await host.query('SELECT * FROM mail_usage')).toEqual([]);
    expect(await host.query('SELECT home FROM mail_removed_boxes ORDER BY removed_at DESC LIMIT 1')).toEqual(homes);
  });

  it('does not mind a schema that is installed again', async () => {
    await adapterOf(host).ensureDomain(domain);
    await installSchema(String(host.settings.databaseUrl));
    expect(await adapterOf(host).listMailboxes(domain)).toEqual([]);
  });
});

describe('a connection', () => {
  it('is refused for a wrong password, role, database, and for missing tables', async () => {
    const addresses = [
      { password: 'wrong' },
      { password: '' },
      { username: 'nobody' },
      { pathname: '/nothing' },
      { pathname: '/postgres' },
    ];
    for (const change of addresses) {
      expect(await codeOf(adapterOf(host, addressWith(change)).testConnection())).toBe('invalid-config');
    }
  });

  it('is refused for a role that may not write', async () => {
    // Roles belong to the whole server, which other tests share.
    const role = `keelson_test_reader_${randomBytes(4).toString('hex')}`;
    await host.query(`CREATE ROLE ${role} LOGIN PASSWORD 'reader-password'`);
    try {
      const reader = adapterOf(host, addressWith({ username: role, password: 'reader-password' }));
      await host.query(`GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${role}`);
      expect(await codeOf(reader.testConnection())).toBe('invalid-config');
      expect(await codeOf(reader.ensureDomain(domain))).toBe('invalid-config');
      expect(await codeOf(reader.findMailbox(spec.address))).toBe('success');
    } finally {
      await host.query(`DROP OWNED BY ${role}`);
      await host.query(`DROP ROLE ${role}`);
    }
  });

  it('is unavailable where nothing listens, and refused where encryption is asked for and not offered', async () => {
    expect(await codeOf(adapterOf(host, addressWith({ port: '1' })).ensureDomain(domain))).toBe('unavailable');
    const encrypted = adapterOf(host, { caPem: '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----' });
    expect(await codeOf(encrypted.testConnection())).toBe('invalid-config');
  });
});

describe('a database that fails', () => {
  it('before the statement has done nothing as far as it tells, and after it is looked at again', async () => {
    const adapter = adapterOf(host);
    await adapter.ensureDomain(domain);
    host.faults.set({ kind: 'drop-before', match: 'INSERT mail_boxes', times: 1 });
    expect(await codeOf(adapter.ensureMailbox(spec))).toBe('outcome-unknown');
    expect(await adapter.findMailbox(spec.address)).toBeUndefined();
    host.faults.set({ kind: 'drop-after', match: 'INSERT mail_boxes', times: 1 });
    expect(await codeOf(adapter.ensureMailbox(spec))).toBe('outcome-unknown');
    expect(await adapter.findMailbox(spec.address)).toMatchObject({ address: spec.address });
    expect(await adapter.ensureMailbox(spec)).toMatchObject({ address: spec.address });
  });

  it('is unavailable while it shuts down, and loses no read in doubt', async () => {
    const adapter = adapterOf(host);
    host.faults.set({ kind: 'unavailable', times: 1 });
    expect(await codeOf(adapter.ensureDomain(domain))).toBe('unavailable');
    for (const kind of ['drop-before', 'drop-after'] as const) {
      host.faults.set({ kind, times: 1 });
      expect(await codeOf(adapter.findMailbox(spec.address))).toBe('unavailable');
    }
    host.faults.set({ kind: 'server-error', times: 1 });
    expect(await codeOf(adapter.findMailbox(spec.address))).toBe('internal');
    expect(await codeOf(adapter.findMailbox(spec.address))).toBe('success');
  });

  it('ends at the deadline of the call while another transaction holds the row, and nothing stays behind', async () => {
    const adapter = adapterOf(host);
    await adapter.ensureDomain(domain);
    const other = new pg.Client({ connectionString: String(host.settings.databaseUrl) });
    await other.connect();
    await other.query('BEGIN; SELECT 1 FROM mail_domains FOR UPDATE');
    const guarded = guardAdapter(adapter, { connection: 'x', port: mailboxPort, capabilities, deadlineMs: 1_500 });
    expect(await codeOf(guarded.ensureMailbox(spec))).toBe('outcome-unknown');
    await other.end();
    expect(await adapter.ensureMailbox(spec)).toMatchObject({ address: spec.address });
  });
});
