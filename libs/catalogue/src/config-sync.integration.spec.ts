import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { KeelsonConfig } from '@keelson/core';
import { newId } from '@keelson/database';
import { catalogueFixture, type CatalogueFixture } from '../test/catalogue-fixture.js';
import { seedCatalogue } from './seed-catalogue.js';

let fixture: CatalogueFixture;
let basicId: string;

beforeAll(async () => {
  fixture = await catalogueFixture();
  await seedCatalogue(fixture.dataSource);
  basicId = (await fixture.products.find('basic'))?.id ?? '';
});
beforeEach(() => fixture.clear());
afterAll(() => fixture.close());

const connection = (name: string) => ({
  name,
  plugin: 'post',
  settings: { host: `${name}.example.com`, password: 'hunter2' },
});

const config = (change: Partial<KeelsonConfig> = {}): KeelsonConfig => ({
  plugins: ['post'],
  connections: [connection('one'), connection('two')],
  bindings: {
    default: { mail: ['one'] },
    types: { email: { mail: ['two', 'one'] }, vps: { mail: [] } },
    products: { basic: { mail: ['two'] } },
  },
  servers: [{ name: 'srv1', connection: 'one', group: 'default', capacity: 5 }],
  ...change,
});

const bound = async (key: Parameters<CatalogueFixture['bindings']['connectionsFor']>[1]) =>
  (await fixture.bindings.connectionsFor('mail', key)).map(({ name }) => name);

describe('ConfigSync', () => {
  it('stores connections and bindings, and hands the servers on', async () => {
    const { connectionIds, servers } = await fixture.configSync.sync(config());
    expect([...connectionIds.keys()]).toEqual(['one', 'two']);
    expect(servers).toEqual([
      { name: 'srv1', connection: 'one', group: 'default', capacity: 5, connectionId: connectionIds.get('one') },
    ]);
    expect((await fixture.connections.list()).map(({ name, source, status }) => [name, source, status])).toEqual([
      ['one', 'config', 'enabled'],
      ['two', 'config', 'enabled'],
    ]);
  });

  it('lets the product win over its type, and the type over the default', async () => {
    await fixture.configSync.sync(config());
    expect(await bound({ productId: basicId, productType: 'hosting' })).toEqual(['two']);
    expect(await bound({ productId: newId(), productType: 'email' })).toEqual(['two', 'one']);
    expect(await bound({ productType: 'hosting' })).toEqual(['one']);
    expect(await bound({})).toEqual(['one']);
  });

  it('switches a port off for a type that names no connection', async () => {
    await fixture.configSync.sync(config());
    expect(await bound({ productType: 'vps' })).toEqual([]);
  });

  it('changes nothing when repeated, also by several processes at once', async () => {
    await fixture.configSync.sync(config());
    const rows = () =>
      fixture.dataSource.query<unknown[]>(
        `SELECT c.name, c.secrets, c.updated_at, b.port, b.product_type, b.product_id, b.position
         FROM connections c LEFT JOIN bindings b ON b.connection_id = c.id ORDER BY 1, 5, 6, 7`,
      );
    const before = await rows();
    await Promise.all([1, 2, 3].map(() => fixture.configSync.sync(config())));
    expect(await rows()).toEqual(before);
  });

  it('removes bindings and disables connections that are no longer in the file, and takes them back', async () => {
    await fixture.configSync.sync(config());
    const less = config({
      connections: [connection('one')],
      bindings: { default: { mail: ['one'] }, types: {}, products: {} },
    });
    await fixture.configSync.sync(less);
    expect(await bound({ productType: 'email' })).toEqual(['one']);
    expect((await fixture.connections.findByName('two'))?.status).toBe('disabled');
    await fixture.configSync.sync(config());
    expect(await bound({ productType: 'email' })).toEqual(['two', 'one']);
  });

  it('never touches what an administrator made', async () => {
    const own = await fixture.connections.put(connection('own'));
    await fixture.bindings.bind('mail', { productType: 'email' }, [own.id]);
    await fixture.configSync.sync(config());
    expect(await bound({ productType: 'email' })).toEqual(['own']);
    expect((await fixture.connections.findByName('own'))?.status).toBe('enabled');
    const clash = config({ connections: [connection('one'), connection('two'), connection('own')] });
    await expect(fixture.configSync.sync(clash)).rejects.toMatchObject({
      name: 'ConfigError',
      message: expect.stringContaining('connections.own'),
    });
  });

  it('names a product that does not exist, and stores nothing then', async () => {
    const wrong = config({ bindings: { default: {}, types: {}, products: { nothing: { mail: ['one'] } } } });
    await expect(fixture.configSync.sync(wrong)).rejects.toThrow('bindings.products.nothing');
    expect(await fixture.connections.list()).toEqual([]);
  });
});

describe('BindingsService.bind', () => {
  it('replaces the pool of a place, and an empty one switches the port off', async () => {
    await fixture.configSync.sync(config());
    const [one, two] = await fixture.connections.list();
    await fixture.bindings.bind('mail', { productType: 'email' }, [one?.id ?? '']);
    await fixture.bindings.bind('mail', { productType: 'email' }, [two?.id ?? '', one?.id ?? '']);
    expect(await bound({ productType: 'email' })).toEqual(['two', 'one']);
    await fixture.bindings.bind('mail', { productType: 'email' }, []);
    await fixture.bindings.bind('mail', { productType: 'email' }, []);
    expect(await bound({ productType: 'email' })).toEqual([]);
  });

  it('refuses connections that are unknown or do not speak the port', async () => {
    const { id } = await fixture.connections.put(connection('own'));
    await expect(fixture.bindings.bind('dns', {}, [id])).rejects.toThrow('does not speak dns');
    await expect(fixture.bindings.bind('mail', {}, [newId()])).rejects.toMatchObject({
      name: 'ConnectionNotFoundError',
    });
  });

  it('leaves out disabled connections without falling back to a wider place', async () => {
    await fixture.configSync.sync(config());
    await fixture.dataSource.query(`UPDATE connections SET status = 'disabled' WHERE name = 'two'`);
    expect(await bound({ productType: 'email' })).toEqual(['one']);
    expect(await bound({ productId: basicId })).toEqual([]);
  });
});
