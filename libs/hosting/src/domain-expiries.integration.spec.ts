import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { catalogueEntities, type ConnectionsService } from '@keelson/catalogue';
import { guardAdapter, PortError, registrarPort } from '@keelson/core';
import { customerEntities } from '@keelson/customers';
import { dataSourceOptions, newId } from '@keelson/database';
import { testDatabase } from '@keelson/testing/database';
import { MemoryRegistrar, MemoryRegistrarAdapter } from '@keelson/testing/memory';
import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { DomainExpiries } from './domain-expiries.service.js';
import { hostingEntities } from './hosting.module.js';

const contact = {
  firstName: 'Ada',
  lastName: 'Lovelace',
  email: 'ada@example.org',
  phone: '+44.2071234567',
  street: 'St James Square 1',
  city: 'London',
  state: '',
  postalCode: 'SW1Y 4LE',
  country: 'GB',
};

describe('expiries of domains', () => {
  let dataSource: DataSource;
  let drop: () => Promise<void>;
  let registrar: MemoryRegistrar;
  let expiries: DomainExpiries;
  let connectionId: string;
  let failing: boolean;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    const database = await testDatabase();
    drop = () => database.drop();
    const entities = [...customerEntities, ...catalogueEntities, ...hostingEntities];
    dataSource = await new DataSource(dataSourceOptions({ url: database.url }, entities)).initialize();
  }, 120_000);
  afterAll(async () => {
    await dataSource?.destroy();
    await drop?.();
  });
  beforeEach(async () => {
    await dataSource.query('TRUNCATE customers, connections CASCADE');
    registrar = new MemoryRegistrar();
    failing = false;
    const adapterFor = () => {
      if (failing) throw new PortError('invalid-config', 'The key is refused.');
      return Promise.resolve(
        guardAdapter(new MemoryRegistrarAdapter(registrar), { port: registrarPort, capabilities: [], connection: 'r' }),
      );
    };
    expiries = new DomainExpiries(dataSource, { adapterFor } as unknown as ConnectionsService);
    connectionId = newId();
    await dataSource.query(
      `INSERT INTO connections (id, name, plugin, settings, secrets, source) VALUES ($1, 'r', 'memory', '{}', '', 'config')`,
      [connectionId],
    );
  });

  /** A domain that we believe to expire on that day; `held`: the registrar holds it for a year. */
  async function domain(name: string, believed: string | null, held = true): Promise<void> {
    const customerId = newId();
    await dataSource.query(`INSERT INTO customers (id, name, email) VALUES ($1, 'Ada', $2)`, [
      customerId,
      `${name}@example.org`,
    ]);
    await dataSource.query(
      `INSERT INTO domains (id, customer_id, name, mode, status, connection_id, expires_at)
       VALUES ($1, $2, $3, 'new_registration', 'active', $4, $5)`,
      [newId(), customerId, name, connectionId, believed],
    );
    if (!held) return;
    await new MemoryRegistrarAdapter(registrar).registerDomain({
      domain: name,
      years: 1,
      contact,
      nameservers: ['ns1.names.example', 'ns2.names.example'],
      privacy: true,
      autoRenew: false,
    });
  }

  const rowOf = async (name: string) =>
    (
      await dataSource.query<{ status: string; expires_at: Date | null }[]>(
        'SELECT status, expires_at FROM domains WHERE name = $1',
        [name],
      )
    )[0];

  it('are learned from the registrar, whatever we believed, over all pages of its list', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'].map((label) => `${label}.example`);
    for (const [index, name] of names.entries()) await domain(name, index === 0 ? null : '2020-01-01');
    expect(await expiries.sync()).toEqual({ corrected: expect.arrayContaining(names), missing: [] });
    for (const name of names) {
      expect(await rowOf(name)).toEqual({ status: 'active', expires_at: registrar.domains.get(name)?.expiresAt });
    }
    expect(await expiries.sync()).toEqual({ corrected: [], missing: [] });
  });

  it('make a domain expired that has run out, and active again once it was renewed', async () => {
    await domain('late.example', '2027-01-01');
    const held = registrar.domains.get('late.example');
    const later = held?.expiresAt as Date;
    if (held !== undefined) held.expiresAt = new Date('2020-01-01');
    await expiries.sync();
    expect(await rowOf('late.example')).toEqual({ status: 'expired', expires_at: new Date('2020-01-01') });
    if (held !== undefined) held.expiresAt = later;
    await expiries.sync();
    expect(await rowOf('late.example')).toEqual({ status: 'active', expires_at: later });
  });

  it('leave a domain alone that the account does not show, and name it', async () => {
    await domain('gone.example', '2027-01-01', false);
    expect(await expiries.sync()).toEqual({ corrected: [], missing: ['gone.example'] });
    expect(await rowOf('gone.example')).toEqual({ status: 'active', expires_at: new Date('2027-01-01') });
  });

  it('are asked for once a day, by one of all workers, and again soon after a failure', async () => {
    await domain('a.example', '2020-01-01');
    const lists = () => registrar.calls.ledger.entries('listDomains').length;
    failing = true;
    await expiries.syncDue();
    failing = false;
    expect((await expiries.syncDue()).corrected).toEqual([]);
    await dataSource.query(`UPDATE domains SET synced_at = synced_at - interval '1 hour 1 minute'`);
    const runs = await Promise.all([expiries.syncDue(), expiries.syncDue(), expiries.syncDue()]);
    expect(runs.flatMap(({ corrected }) => corrected)).toEqual(['a.example']);
    await expiries.syncDue();
    expect(lists()).toBe(1);
  });

  it('spend nothing', async () => {
    await domain('a.example', '2020-01-01');
    const paid = registrar.payments.length;
    await expiries.sync();
    expect(registrar.payments).toHaveLength(paid);
  });
});
