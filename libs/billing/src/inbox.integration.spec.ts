import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { PortError } from '@keelson/core';
import { type BillingHarness, startBilling } from '../test/billing-harness.js';
import { InboxService, retryDelayMs, UnknownProviderError } from './inbox.service.js';

jest.setTimeout(60_000);

let billing: BillingHarness;
beforeAll(async () => {
  billing = await startBilling();
}, 120_000);
afterEach(() => billing.vendor.calls.clear());
afterAll(() => billing?.close());

const inbox = () => billing.app.get(InboxService, { strict: false });
const rows = () =>
  billing.dataSource.query<{ id: string; state: string; attempts: number; error: string | null }[]>(
    'SELECT id, state, attempts, error FROM inbox_events ORDER BY received_at DESC, id DESC',
  );
const jobs = async () => {
  const [row] = await billing.dataSource.query<{ n: number }[]>('SELECT count(*)::int AS n FROM bullmq.job');
  return row!.n;
};

describe('InboxService', () => {
  it('stores a message once and wakes a worker once, however often and however simultaneously it comes', async () => {
    const started = await billing.order();
    billing.vendor.pay(started.publicId);
    const { body, headers } = billing.vendor.webhook({ kind: 'checkout', id: started.publicId }, new Date());
    const before = { rows: (await rows()).length, jobs: await jobs() };
    await Promise.all(Array.from({ length: 50 }, () => inbox().receive('memory', body, headers)));
    expect((await rows()).length).toBe(before.rows + 1);
    expect(await jobs()).toBe(before.jobs + 1);
    const id = (await rows())[0]!.id;
    await Promise.all(Array.from({ length: 10 }, () => inbox().process(id)));
    expect(await billing.outcomeOf(started)).toMatchObject({ checkout: 'completed', services: 1, tasks: 1 });
    expect((await rows())[0]).toMatchObject({ state: 'processed', error: null });
  });

  it('keeps the bytes as they came', async () => {
    const { body, headers } = billing.vendor.webhook(undefined, new Date());
    await inbox().receive('memory', body, headers);
    const [row] = await billing.dataSource.query<{ payload: string }[]>(
      'SELECT payload FROM inbox_events ORDER BY received_at DESC LIMIT 1',
    );
    expect(row?.payload).toBe(body.toString('utf8'));
  });

  it.each<[string, (message: { body: Buffer; headers: Record<string, string> }) => [Buffer, Record<string, string>]]>([
    ['another body', ({ body, headers }) => [Buffer.concat([body, Buffer.from(' ')]), headers]],
    [
      'the body written anew',
      ({ body, headers }) => [Buffer.from(JSON.stringify(JSON.parse(body.toString()))), headers],
    ],
    ['no signature', ({ body }) => [body, {}]],
    ['a signature of nothing', ({ body }) => [body, { 'memory-signature': `${Date.now()}.${'0'.repeat(64)}` }]],
  ])('refuses %s and stores nothing', async (_, forge) => {
    const before = (await rows()).length;
    const [body, headers] = forge(billing.vendor.webhook({ kind: 'checkout', id: 'checkout_1' }, new Date()));
    await expect(inbox().receive('memory', body, headers)).rejects.toMatchObject({
      name: 'PortError',
      code: 'invalid-input',
    });
    expect((await rows()).length).toBe(before);
  });

  it.each([-301_000, 301_000])('refuses a message signed %i ms away from now', async (away) => {
    const { body, headers } = billing.vendor.webhook(
      { kind: 'checkout', id: 'checkout_1' },
      new Date(Date.now() + away),
    );
    await expect(inbox().receive('memory', body, headers)).rejects.toMatchObject({ code: 'invalid-input' });
  });

  it('knows no provider without a connection', async () => {
    await expect(inbox().receive('nobody', Buffer.from('{}'), {})).rejects.toThrow(UnknownProviderError);
  });

  it('keeps messages that it does not act on, and wakes nobody', async () => {
    const { body, headers } = billing.vendor.webhook(undefined, new Date());
    const before = await jobs();
    await inbox().receive('memory', body, headers);
    expect((await rows())[0]).toMatchObject({ state: 'ignored' });
    expect(await jobs()).toBe(before);
  });

  it('ignores what belongs to nobody here', async () => {
    const stranger = billing.vendor.newId('checkout');
    const { checkout } = [...billing.vendor.pages.values()][0]!;
    billing.vendor.pages.set(stranger, {
      ...billing.vendor.pages.get(checkout.id)!,
      checkout: { ...checkout, id: stranger, reference: 'not-ours' },
    });
    await billing.tell('checkout', stranger);
    expect((await rows())[0]).toMatchObject({ state: 'ignored' });
  });

  it('does not let another page with our reference settle an order', async () => {
    const started = await billing.order();
    const page = billing.vendor.pages.get(started.publicId)!;
    const forged = billing.vendor.newId('checkout');
    billing.vendor.pages.set(forged, { ...page, checkout: { ...page.checkout, id: forged } });
    billing.vendor.pay(forged);
    await billing.tell('checkout', forged);
    expect((await rows())[0]).toMatchObject({ state: 'ignored' });
    expect(await billing.outcomeOf(started)).toMatchObject({ checkout: 'open', services: 0 });
  });

  it('tries again later when the provider cannot be read, and settles then', async () => {
    const started = await billing.order();
    billing.vendor.pay(started.publicId);
    billing.vendor.calls.set({ method: 'getCheckout', times: 1, error: new PortError('unavailable', 'Not now.') });
    await billing.tell('checkout', started.publicId);
    expect((await rows())[0]).toMatchObject({ state: 'received', attempts: 1, error: 'unavailable: Not now.' });
    expect(await inbox().sweepDue()).toBe(0);
    await billing.dataSource.query(`UPDATE inbox_events SET next_attempt_at = now() WHERE state = 'received'`);
    expect(await inbox().sweepDue()).toBe(1);
    expect(await inbox().sweepDue()).toBe(0);
    const id = (await rows())[0]!.id;
    await inbox().process(id);
    expect(await billing.outcomeOf(started)).toMatchObject({ checkout: 'completed', tasks: 1 });
  });

  it('gives up after twenty attempts and keeps why', async () => {
    const id = await billing.receive('checkout', 'checkout_absent');
    await billing.dataSource.query('UPDATE inbox_events SET attempts = 19 WHERE id = $1', [id]);
    await inbox().process(id);
    expect((await rows()).find((row) => row.id === id)).toMatchObject({
      state: 'failed',
      attempts: 20,
      error: expect.stringContaining('not-found'),
    });
    expect(await inbox().sweepDue()).toBe(0);
  });

  it('spaces its attempts over about three days', () => {
    const delays = Array.from({ length: 19 }, (_, index) => retryDelayMs(index + 1, 0, 0));
    expect(delays[0]).toBe(5_000);
    const days = delays.reduce((sum, delay) => sum + delay, 0) / 86_400_000;
    expect(days).toBeGreaterThan(1.5);
    expect(days).toBeLessThan(3.5);
    expect(retryDelayMs(1, 60_000, 0)).toBe(60_000);
  });
});
