import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { dataSourceOptions, inTransaction, newId } from '@keelson/database';
import { testDatabase, type TestDatabase } from '@keelson/testing/database';
import { DataSource } from 'typeorm';
import { hostingEntities } from './hosting.module.js';
import { ServerSlots } from './server-slots.service.js';

describe('slots on servers', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  const slots = new ServerSlots();
  let product: string;
  let customer: string;
  let connection: string;

  beforeAll(async () => {
    database = await testDatabase();
    dataSource = await new DataSource(
      dataSourceOptions({ url: database.url, poolSize: 30 }, hostingEntities),
    ).initialize();
    [product, customer, connection] = [newId(), newId(), newId()];
    await dataSource.query(
      `INSERT INTO products (id, slug, name, description, type) VALUES ($1, 'p', 'n', 'd', 'hosting')`,
      [product],
    );
    await dataSource.query(`INSERT INTO customers (id, name, email) VALUES ($1, 'n', 'a@example.test')`, [customer]);
    await dataSource.query(
      `INSERT INTO connections (id, name, plugin, settings, secrets, source) VALUES ($1, 'c', 'p', '{}', '', 'config')`,
      [connection],
    );
  }, 120_000);

  afterAll(async () => {
    await dataSource?.destroy();
    await database?.drop();
  });

  beforeEach(async () => {
    await dataSource.query('DELETE FROM services');
    await dataSource.query('DELETE FROM servers');
  });

  const server = (name: string, capacity: number, more: { used?: number; online?: boolean; group?: string } = {}) =>
    dataSource.query(
      `INSERT INTO servers (id, name, connection_id, capacity, used, is_online, server_group) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [newId(), name, connection, capacity, more.used ?? 0, more.online ?? true, more.group ?? 'default'],
    );
  const service = async () => {
    const id = newId();
    await dataSource.query(`INSERT INTO services (id, customer_id, product_id, type) VALUES ($1, $2, $3, 'hosting')`, [
      id,
      customer,
      product,
    ]);
    return id;
  };
  const take = (id: string, group = 'default', preferred?: string) =>
    inTransaction(dataSource, (manager) => slots.take(manager, id, group, preferred));
  const used = async () =>
    Object.fromEntries(
      (await dataSource.query<{ name: string; used: number }[]>('SELECT name, used FROM servers')).map((row) => [
        row.name,
        row.used,
      ]),
    );

  it('gives the one free slot to exactly one of a hundred orders', async () => {
    await server('a', 1);
    const orders = await Promise.all(Array.from({ length: 100 }, service));
    const given = await Promise.all(orders.map((id) => take(id)));
    expect(given.filter((one) => one !== undefined)).toHaveLength(1);
    expect(await used()).toEqual({ a: 1 });
  });

  it('takes the least utilised online server of the group', async () => {
    await server('busy', 10, { used: 9 });
    await server('calm', 100, { used: 50 });
    await server('offline', 100, { online: false });
    await server('other', 100, { group: 'other' });
    expect((await take(await service()))?.name).toBe('calm');
    expect((await take(await service(), 'other'))?.name).toBe('other');
  });

  it('fills the preferred server first, by name, number or id, even when all ask at once', async () => {
    await server('calm', 100);
    await server('mine', 12, { used: 2 });
    const [mine] = await dataSource.query<{ id: string; number: number }[]>(
      `SELECT id, number FROM servers WHERE name = 'mine'`,
    );
    const names = ['mine', String(mine?.number), mine?.id ?? ''];
    const orders = await Promise.all(Array.from({ length: 15 }, service));
    await Promise.all(orders.map((id, index) => take(id, 'default', names[index % 3])));
    expect(await used()).toEqual({ calm: 5, mine: 12 });
  });

  it.each([
    ['offline', { online: false }],
    ['full', { used: 5 }],
    ['of another group', { group: 'other' }],
  ])('takes another server when the preferred one is %s', async (_why, more) => {
    await server('mine', 5, more);
    await server('calm', 5);
    expect((await take(await service(), 'default', 'mine'))?.name).toBe('calm');
    expect((await take(await service(), 'default', 'nobody knows it'))?.name).toBe('calm');
  });

  it('leaves a service its slot when asked again, and counts it once', async () => {
    await server('a', 5);
    const id = await service();
    await take(id);
    expect((await take(id))?.name).toBe('a');
    expect(await used()).toEqual({ a: 1 });
  });

  it('counts an account that is there already, on a full server too, and once', async () => {
    await server('a', 1, { used: 1 });
    const [{ id: serverId } = { id: '' }] = await dataSource.query<{ id: string }[]>('SELECT id FROM servers');
    const id = await service();
    const occupy = () => inTransaction(dataSource, (manager) => slots.occupy(manager, id, serverId));
    expect([await occupy(), await occupy()]).toEqual([true, false]);
    expect(await used()).toEqual({ a: 2 });
  });

  it('gives a slot back once, however often it is released', async () => {
    await server('a', 5);
    const id = await service();
    await take(id);
    await inTransaction(dataSource, (manager) => slots.release(manager, id));
    await inTransaction(dataSource, (manager) => slots.release(manager, id));
    expect(await used()).toEqual({ a: 0 });
  });

  it('keeps slots and services in step when many take and release at once', async () => {
    await server('a', 7);
    await server('b', 7);
    const orders = await Promise.all(Array.from({ length: 40 }, service));
    await Promise.all(
      orders.map(async (id, index) => {
        await take(id);
        if (index % 3 === 0) await inTransaction(dataSource, (manager) => slots.release(manager, id));
      }),
    );
    const rows = await dataSource.query<{ name: string; used: number; held: number }[]>(
      `SELECT name, used, (SELECT count(*)::int FROM services WHERE server_id = servers.id) AS held FROM servers`,
    );
    for (const row of rows) expect(row.used).toBe(row.held);
  });
});
