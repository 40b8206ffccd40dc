import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { dnsPort, Keyring, mailPort } from '@keelson/core';
import { newId } from '@keelson/database';
import { catalogueFixture, type CatalogueFixture } from '../test/catalogue-fixture.js';

let fixture: CatalogueFixture;

beforeAll(async () => {
  fixture = await catalogueFixture();
});
beforeEach(() => fixture.clear());
afterAll(() => fixture.close());

const put = (settings: object = {}, name = 'main') =>
  fixture.connections.put({
    name,
    plugin: 'post',
    settings: { host: 'mx.example.com', password: 'hunter2', ...settings },
  });

const stored = async (name = 'main') => {
  const [row] = await fixture.dataSource.query<{ secrets: string; settings: unknown; updated_at: Date }[]>(
    'SELECT * FROM connections WHERE name = $1',
    [name],
  );
  return row;
};

describe('ConnectionsService.put', () => {
  it('keeps secrets encrypted and never returns them', async () => {
    const connection = await put();
    expect(connection).toMatchObject({ name: 'main', settings: { host: 'mx.example.com', port: 25 }, source: 'admin' });
    const everything = JSON.stringify([connection, await fixture.connections.list(), await stored()]);
    expect(everything).not.toContain('hunter2');
    expect('secrets' in connection).toBe(false);
  });

  it('changes nothing when repeated, not even the ciphertext', async () => {
    await put();
    const first = await stored();
    await put();
    expect(await stored()).toEqual(first);
  });

  it('encrypts again only when a secret changed', async () => {
    await put();
    const first = await stored();
    await put({ port: 587 });
    expect((await stored())?.secrets).toBe(first?.secrets);
    await put({ port: 587, password: 'another' });
    expect((await stored())?.secrets).not.toBe(first?.secrets);
  });

  it('keeps its limits with its gate, a new bucket full, and takes them away again', async () => {
    const limited = (limits: object) =>
      fixture.connections.put({
        name: 'main',
        plugin: 'post',
        settings: { host: 'mx.example.com', password: 'hunter2' },
        limits,
      });
    const gates = () =>
      fixture.dataSource.query('SELECT concurrency, rate_per_second, burst, tokens, filled_at FROM connection_gates');
    await put();
    expect(await gates()).toEqual([]);
    await limited({ concurrency: 2, ratePerSecond: 1.5 });
    const first = await gates();
    expect(first).toMatchObject([{ concurrency: 2, rate_per_second: 1.5, burst: 2, tokens: 2 }]);
    await limited({ concurrency: 2, ratePerSecond: 1.5 });
    expect(await gates()).toEqual(first);
    await put();
    expect(await gates()).toMatchObject([{ concurrency: null, rate_per_second: null, burst: null }]);
  });

  it('makes one row of several at the same time', async () => {
    await Promise.all(Array.from({ length: 5 }, (_, index) => put({ port: 100 + index })));
    expect(await fixture.connections.list()).toHaveLength(1);
  });

  it('refuses settings that the plugin refuses, without repeating them', async () => {
    await expect(put({ password: 'abc', colour: 'red' })).rejects.toMatchObject({
      name: 'InvalidConnectionError',
      message: expect.not.stringContaining('abc'),
      problems: [expect.objectContaining({ setting: 'colour' }), expect.objectContaining({ setting: 'password' })],
    });
    expect(await stored()).toBeUndefined();
  });

  it('leaves a connection to its owner', async () => {
    await put();
    const spec = { name: 'main', plugin: 'post', settings: { host: 'other.example.com', password: 'hunter3' } };
    await expect(fixture.connections.put(spec, 'config')).rejects.toThrow(
      'An administrator made a connection called main',
    );
    expect(await stored()).toMatchObject({ settings: { host: 'mx.example.com' } });
  });

  it('does not replace secrets that do not open with the present key', async () => {
    await put();
    const first = await stored();
    const other = fixture.connectionsWith(Keyring.fromText('b'.repeat(64)));
    const spec = { name: 'main', plugin: 'post', settings: { host: 'mx.example.com', password: 'hunter2' } };
    await expect(other.put(spec)).rejects.toThrow('ENCRYPTION_KEY');
    expect(await stored()).toEqual(first);
  });
});

describe('ConnectionsService.adapterFor', () => {
  it('makes one adapter per connection, with its secrets, for all calls', async () => {
    const { id } = await put();
    fixture.made.length = 0;
    const adapters = await Promise.all([1, 2, 3].map(() => fixture.connections.adapterFor(mailPort, id)));
    expect(new Set(adapters).size).toBe(1);
    expect(fixture.made.map(({ settings }) => settings)).toEqual([
      { host: 'mx.example.com', port: 25, password: 'hunter2' },
    ]);
    await adapters[0]?.testConnection();
  });

  it('makes another one when the settings change, and not when a test was recorded', async () => {
    const { id } = await put();
    const first = await fixture.connections.adapterFor(mailPort, id);
    await fixture.connections.test(id);
    expect(await fixture.connections.adapterFor(mailPort, id)).toBe(first);
    await put({ port: 26 });
    expect(await fixture.connections.adapterFor(mailPort, id)).not.toBe(first);
    expect(fixture.made.at(-1)?.settings.port).toBe(26);
  });

  it('asks for an operator when the connection is unknown, disabled, of another port, or does not open', async () => {
    const { id } = await put();
    const held = { name: 'PortError', code: 'invalid-config' };
    await expect(fixture.connections.adapterFor(mailPort, newId())).rejects.toMatchObject(held);
    await expect(fixture.connections.adapterFor(dnsPort, id)).rejects.toMatchObject(held);
    const other = fixture.connectionsWith(Keyring.fromText('b'.repeat(64)));
    await expect(other.adapterFor(mailPort, id)).rejects.toMatchObject(held);
    await fixture.dataSource.query(`UPDATE connections SET status = 'disabled'`);
    await expect(fixture.connections.adapterFor(mailPort, id)).rejects.toMatchObject(held);
  });

  it('does not open secrets that were copied from another row', async () => {
    const { id } = await put();
    await put({ password: 'stolen-one' }, 'other');
    await fixture.dataSource.query(
      `UPDATE connections SET secrets = (SELECT secrets FROM connections WHERE name = 'other') WHERE id = $1`,
      [id],
    );
    await expect(fixture.connections.adapterFor(mailPort, id)).rejects.toMatchObject({ code: 'invalid-config' });
  });

  it('gives the adapter the other ports of the same product', async () => {
    const { id } = await put();
    const dialled = await put({ host: 'second.example.com' }, 'second');
    await fixture.bindings.bind('mail', { productType: 'email' }, [dialled.id]);
    await fixture.connections.adapterFor(mailPort, id, { productType: 'email' });
    const other = await fixture.made.at(-1)?.context.findAdapter(mailPort);
    expect(other).toBe(await fixture.connections.adapterFor(mailPort, dialled.id, { productType: 'email' }));
    expect(await fixture.made.at(-1)?.context.findAdapter(dnsPort)).toBeUndefined();
  });
});

describe('ConnectionsService.test', () => {
  it('remembers a failure and forgets it after a success', async () => {
    const { id } = await put({ password: 'wrong' });
    expect(await fixture.connections.test(id)).toEqual({
      ok: false,
      ports: [{ port: 'mail', ok: false, message: 'The mail server does not accept our credentials.' }],
    });
    expect(await fixture.connections.find(id)).toMatchObject({
      lastError: 'mail: The mail server does not accept our credentials.',
      lastTestedAt: new Date('2026-03-01T00:00:00Z'),
    });
    await put({ password: 'hunter2' });
    expect(await fixture.connections.test(id)).toEqual({ ok: true, ports: [{ port: 'mail', ok: true }] });
    expect((await fixture.connections.find(id))?.lastError).toBeNull();
  });

  it('knows no connection that is not there', async () => {
    await expect(fixture.connections.test(newId())).rejects.toMatchObject({ name: 'ConnectionNotFoundError' });
  });
});

describe('ConnectionStates', () => {
  it('keeps an adapter’s state encrypted, and the first of several values', async () => {
    const { id } = await put();
    const state = fixture.states.of(id);
    expect(await state.get('account-key')).toBeUndefined();
    const kept = await Promise.all(['one', 'two', 'three'].map((value) => state.putIfAbsent('account-key', value)));
    expect(new Set(kept).size).toBe(1);
    expect(await state.get('account-key')).toBe(kept[0]);
    await state.put('account-key', 'chosen');
    expect(await state.get('account-key')).toBe('chosen');
    const swaps = ['one', 'two', 'three'].map((value) => state.replace('account-key', 'chosen', value));
    expect((await Promise.all(swaps)).filter(Boolean)).toHaveLength(1);
    expect(await state.replace('account-key', 'chosen', 'late')).toBe(false);
    const firsts = ['one', 'two', 'three'].map((value) => state.replace('orders', undefined, value));
    expect((await Promise.all(firsts)).filter(Boolean)).toHaveLength(1);
    const rows = await fixture.dataSource.query<{ value: string }[]>('SELECT value FROM connection_states');
    expect(rows).toHaveLength(2);
    expect(rows[0]?.value).toMatch(/^v1\./);
  });
});
