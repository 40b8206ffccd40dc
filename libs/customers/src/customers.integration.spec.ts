import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { inTransaction, newId, toPublicId } from '@keelson/database';
import { customersFixture, type CustomersFixture } from '../test/customers-fixture.js';
import { AuditService } from './audit.service.js';
import type { Buyer } from './checkout-accounts.service.js';
import { ensureAdministrator } from './ensure-administrator.js';

let fixture: CustomersFixture;

beforeAll(async () => {
  fixture = await customersFixture();
});
beforeEach(() => fixture.clear());
afterAll(() => fixture.close());

const create = (email = 'ada@example.com') => fixture.customers.create({ name: 'Ada', email, company: 'Engines' });
const count = async (table: string) =>
  (await fixture.dataSource.query<{ count: number }[]>(`SELECT count(*)::int FROM ${table}`))[0]?.count;

describe('CustomersService', () => {
  it('lets one of several creations of the same address win, and tells the others who did', async () => {
    const outcomes = await Promise.allSettled(['ada@example.com', 'ADA@example.com', 'Ada@Example.com'].map(create));
    const made = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value.id] : []));
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as object] : []));
    expect(made).toHaveLength(1);
    expect(refused).toHaveLength(2);
    for (const error of refused) expect(error).toMatchObject({ name: 'CustomerExistsError', customerId: made[0] });
    expect(await count('customers')).toBe(1);
  });

  it('finds a customer by UUID, public id and number', async () => {
    const { id, number } = await create();
    expect(number).toBeGreaterThan(0);
    for (const key of [id, toPublicId('cust', id), String(number)]) {
      expect((await fixture.customers.get(key)).id).toBe(id);
    }
  });

  it.each(['nothing', 'srv_01h455vb4pex5vsknk084sn02q', newId(), '0', '99999999999'])(
    'finds nobody for %p',
    async (id) => {
      await expect(fixture.customers.get(id)).rejects.toMatchObject({ name: 'CustomerNotFoundError' });
    },
  );

  it('lists page by page, newest first, with the number of all', async () => {
    for (const name of ['one', 'two', 'three']) await create(`${name}@example.com`);
    const { customers, total } = await fixture.customers.list({ limit: 2, offset: 1 });
    expect([total, customers.map(({ email }) => email)]).toEqual([3, ['two@example.com', 'one@example.com']]);
  });

  it('changes what is given, empties what is null, and keeps the rest', async () => {
    const { id } = await create();
    await fixture.customers.patch(id, { phone: '+49 30 1', company: null, email: 'New@example.com', name: undefined });
    expect(await fixture.customers.get(id)).toMatchObject({
      name: 'Ada',
      phone: '+49 30 1',
      company: null,
      email: 'new@example.com',
    });
  });

  it('does not give an address to two customers', async () => {
    const { id: other } = await create('other@example.com');
    const { id } = await create();
    await expect(fixture.customers.patch(id, { email: 'OTHER@example.com' })).rejects.toMatchObject({
      name: 'CustomerExistsError',
      customerId: other,
    });
  });

  it('refuses what is no address, and stores nothing', async () => {
    await expect(create('ada at example.com')).rejects.toMatchObject({ code: 'invalid-input' });
    expect(await count('customers')).toBe(0);
  });

  it('writes down who did what, and the log cannot be changed', async () => {
    const before = (await count('audit_log')) ?? 0;
    const { id } = await create();
    const rows = await fixture.dataSource.query<object[]>('SELECT * FROM audit_log ORDER BY id');
    expect(rows.slice(before)).toMatchObject([{ actor: 'system', action: 'customer.created', subject_id: id }]);
    await expect(fixture.dataSource.query('UPDATE audit_log SET actor = $1', ['nobody'])).rejects.toThrow('only grows');
    await expect(fixture.dataSource.query('DELETE FROM audit_log')).rejects.toThrow('only grows');
  });

  it('forgets the note of what was rolled back', async () => {
    const before = await count('audit_log');
    const failed = inTransaction(fixture.dataSource, async (manager) => {
      await new AuditService().record(manager, { actor: 'system', action: 'a.b', subjectType: 'x', subjectId: 'y' });
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    expect(await count('audit_log')).toBe(before);
  });
});

describe('CheckoutAccounts', () => {
  const ensure = (buyer: Partial<Buyer> = {}) =>
    inTransaction(fixture.dataSource, (manager) =>
      fixture.accounts.ensure(manager, { email: 'ada@example.com', name: 'Ada', ...buyer }),
    );

  it('makes user, customer and tenant, with a temporary password that must be changed', async () => {
    const { user, customer, tenant, temporaryPassword } = await ensure();
    expect(temporaryPassword).toHaveLength(16);
    expect(user).toMatchObject({ email: 'ada@example.com', role: 'customer', mustChangePassword: true });
    expect(customer).toMatchObject({ userId: user.id, tenantId: tenant.id, name: 'Ada' });
    const session = await fixture.auth.login('ada@example.com', temporaryPassword ?? '');
    expect(session.user.mustChangePassword).toBe(true);
  });

  it('keeps the password that the buyer chose', async () => {
    const { temporaryPassword, user } = await ensure({ passwordHash: await fixture.hasher.hash('my own choice') });
    expect([temporaryPassword, user.mustChangePassword]).toEqual([undefined, false]);
    expect((await fixture.auth.login('ada@example.com', 'my own choice')).user.id).toBe(user.id);
  });

  it('never changes the password of somebody who is known', async () => {
    await fixture.addUser('ada@example.com');
    const { temporaryPassword } = await ensure({ passwordHash: await fixture.hasher.hash('a stranger’s choice') });
    expect(temporaryPassword).toBeUndefined();
    await expect(fixture.auth.login('ada@example.com', 'a stranger’s choice')).rejects.toThrow();
    await fixture.auth.login('ada@example.com', 'correct horse');
  });

  it('takes a customer that was there without a user', async () => {
    const known = await create();
    const { customer, user } = await ensure({ email: 'ADA@example.com', name: 'Somebody' });
    expect(customer).toMatchObject({ id: known.id, userId: user.id, name: 'Ada' });
  });

  it('ends with one of each when several purchases come at once', async () => {
    const results = await Promise.all(Array.from({ length: 5 }, () => ensure()));
    expect(await Promise.all(['users', 'customers', 'tenants'].map(count))).toEqual([1, 1, 1]);
    expect(results.filter(({ temporaryPassword }) => temporaryPassword !== undefined)).toHaveLength(1);
    const ids = results.map(({ user, customer, tenant }) => `${user.id} ${customer.id} ${tenant.id}`);
    expect(new Set(ids).size).toBe(1);
  });

  it('repeats without making anything more', async () => {
    const first = await ensure();
    const second = await ensure();
    expect(second).toMatchObject({ user: { id: first.user.id }, tenant: { id: first.tenant.id } });
    expect(second.temporaryPassword).toBeUndefined();
  });
});

describe('ensureAdministrator', () => {
  it('makes one with a random password, once', async () => {
    const made = await ensureAdministrator(fixture.dataSource, {});
    expect(made?.email).toBe('admin@keelson.test');
    expect((await fixture.auth.login(made?.email ?? '', made?.password ?? '')).user.role).toBe('admin');
    expect(await ensureAdministrator(fixture.dataSource, { email: 'other@example.com' })).toBeUndefined();
    expect(await count('users')).toBe(1);
  });

  it('uses what the operator wants', async () => {
    const wanted = { email: 'Boss@example.com', password: 'chosen by me' };
    expect(await ensureAdministrator(fixture.dataSource, wanted)).toEqual({ ...wanted, email: 'boss@example.com' });
  });

  it('does not make an administrator of a customer', async () => {
    await fixture.addUser('boss@example.com');
    await expect(ensureAdministrator(fixture.dataSource, { email: 'boss@example.com' })).rejects.toThrow('ADMIN_EMAIL');
  });

  it('makes one when two processes start at once', async () => {
    const made = await Promise.all([1, 2].map(() => ensureAdministrator(fixture.dataSource, {})));
    expect(made.filter((administrator) => administrator !== undefined)).toHaveLength(1);
  });
});
