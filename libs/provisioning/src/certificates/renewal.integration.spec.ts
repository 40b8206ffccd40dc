import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PortError } from '@keelson/core';
import { CertificateWorld, day, hour } from '../../test/certificate-world.js';
import { deaths } from '../../test/dying-journal.js';
import { ProvisioningHarness } from '../../test/provisioning-harness.js';

describe('the certificate of a service', () => {
  let harness: ProvisioningHarness;
  let world: CertificateWorld;

  beforeAll(async () => {
    harness = await ProvisioningHarness.open();
    world = new CertificateWorld(harness);
  }, 120_000);
  afterAll(() => harness?.close());
  beforeEach(() => world.reset());

  /** A hosting service with its first certificate. */
  async function hosted(): Promise<string> {
    const serviceId = await world.services.active();
    expect(await world.services.service(serviceId)).toMatchObject({ status: 'active', degraded: [] });
    await world.schedule().askDue();
    return serviceId;
  }

  const service = (id: string) => world.services.service(id);
  const statuses = async () => (await world.certificates()).map(({ status }) => status);
  const onPanel = () => {
    const [account] = harness.panel.accounts.values();
    return new X509Certificate(account?.certificates.get('shop.example') ?? '').serialNumber.toLowerCase();
  };
  const tasks = async (serviceId: string) =>
    harness.dataSource.query<{ status: string }[]>(
      `SELECT status FROM provisioning_tasks WHERE service_id = $1 AND recipe = 'certificate.renew' ORDER BY created_at`,
      [serviceId],
    );

  it('is renewed when the authority wants it to be, in the place of the one before', async () => {
    const serviceId = await hosted();
    const [first] = await world.certificates();
    const due = await world.dueAt(serviceId);
    expect((first?.not_after.getTime() ?? 0) - due.getTime()).toBeGreaterThanOrEqual(30 * day - hour);
    expect(await world.schedule().beginDue()).toBe(0);
    await world.reach(due);
    expect(await world.schedule().beginDue()).toBe(1);
    expect(onPanel()).toBe(first?.serial);
    expect(await world.work(serviceId)).toMatchObject({ status: 'completed', operation: 'renew_certificate' });
    const [, second] = await world.certificates();
    expect(await statuses()).toEqual(['replaced', 'installed']);
    expect(second).toMatchObject({ replaces: first?.id, domains: ['shop.example', 'www.shop.example'] });
    expect(world.authority.orders.get(second?.id ?? '')).toMatchObject({ replaces: first?.serial });
    expect(onPanel()).toBe(second?.serial);
    expect(world.authority.certificates.get(first?.serial ?? '')).toBeUndefined();
    expect(await world.renewal(serviceId)).toMatchObject({ attempts: 0, error: null });
    expect((await world.dueAt(serviceId)).getTime()).toBeGreaterThan(harness.tools.clock.now().getTime() + 50 * day);
    expect(await service(serviceId)).toMatchObject({ status: 'active', degraded: [] });
    expect(await world.alerts()).toEqual([]);
  });

  it.each([
    ['90 days', 90 * day, 60 * day],
    ['45 days', 45 * day, 30 * day],
    ['160 hours', 160 * hour, 80 * hour],
  ])('is due by our own rule from the moment it is in use, when it lives %s', async (_life, lifeMs, dueMs) => {
    world.authority.lifeMs = lifeMs;
    const serviceId = await world.services.active();
    const [{ not_after: end } = { not_after: new Date(0) }] = await world.certificates();
    const begin = end.getTime() - lifeMs;
    const due = (await world.dueAt(serviceId)).getTime() - begin;
    expect(due).toBeLessThanOrEqual(dueMs);
    expect(due).toBeGreaterThanOrEqual(dueMs - lifeMs / 12);
  });

  it('is asked about again when the authority says so, and renewed at once when it changes its mind', async () => {
    const serviceId = await hosted();
    const before = await world.dueAt(serviceId);
    const now = harness.tools.clock.now().getTime();
    expect(await world.schedule().askDue()).toBe(0);
    world.authority.suggestion = {
      start: new Date(now - day),
      end: new Date(now - hour),
      checkAfter: new Date(now + 8 * hour),
    };
    await world.pass(6 * hour);
    expect(await world.schedule().askDue()).toBe(1);
    expect((await world.dueAt(serviceId)).getTime()).toBeLessThan(now);
    expect((await world.dueAt(serviceId)).getTime()).not.toBe(before.getTime());
    expect(await world.schedule().beginDue()).toBe(1);
  });

  it('keeps its moment when the authority says the same again', async () => {
    const serviceId = await hosted();
    const before = await world.dueAt(serviceId);
    await world.pass(7 * hour);
    expect(await world.schedule().askDue()).toBe(1);
    expect((await world.dueAt(serviceId)).getTime()).toBe(before.getTime());
  });

  it('keeps the moment that is known while the authority does not answer', async () => {
    const serviceId = await world.services.active();
    const before = await world.dueAt(serviceId);
    world.authority.calls.set({ method: 'renewalWindow', error: new PortError('unavailable', 'Later.') });
    expect(await world.schedule().askDue()).toBe(0);
    expect(await world.dueAt(serviceId)).toEqual(before);
    world.authority.calls.clear();
    await world.pass(11 * 60_000);
    expect(await world.schedule().askDue()).toBe(1);
  });

  it('is renewed once, however many workers look, and however long nobody did', async () => {
    const serviceId = await hosted();
    await world.pass(200 * day);
    const begun = await Promise.all([1, 2, 3, 4].map(() => world.schedule().beginDue()));
    expect(begun.reduce((sum, one) => sum + one, 0)).toBe(1);
    await world.work(serviceId);
    expect(await world.schedule().beginDue()).toBe(0);
    expect(await tasks(serviceId)).toHaveLength(1);
    expect(await statuses()).toEqual(['replaced', 'installed']);
  });

  it('stays due while something else is done to the service', async () => {
    const serviceId = await hosted();
    await world.reach(await world.dueAt(serviceId));
    const { taskId } = await world.services.ask(serviceId, 'resend_credentials');
    expect(await world.schedule().beginDue()).toBe(0);
    await harness.finish(taskId);
    expect(await world.schedule().beginDue()).toBe(1);
  });

  it('is not renewed while the service is suspended, and at once when it is active again', async () => {
    const serviceId = await hosted();
    await world.services.do(serviceId, 'suspend', { reason: 'The invoice is overdue.', hold: false });
    await world.pass(80 * day);
    expect(await world.schedule().beginDue()).toBe(0);
    await world.services.do(serviceId, 'unsuspend');
    expect(await world.schedule().beginDue()).toBe(1);
    expect(await world.work(serviceId)).toMatchObject({ status: 'completed' });
    expect(await statuses()).toEqual(['replaced', 'installed']);
  });

  it('gives way to a suspension that is asked for meanwhile', async () => {
    const serviceId = await hosted();
    await world.reach(await world.dueAt(serviceId));
    world.nameServers = 'none';
    await world.schedule().beginDue();
    await harness.finish((await world.openTask(serviceId)) ?? '', ({ status }) => status === 'waiting');
    expect(await world.services.do(serviceId, 'suspend', { reason: 'Spam.' })).toMatchObject({ status: 'completed' });
    expect(await statuses()).toEqual(['installed', 'pending']);
  });

  it('is tried for again after growing pauses, stays in use meanwhile, and is told about once', async () => {
    const serviceId = await hosted();
    await world.reach(await world.dueAt(serviceId));
    world.nameServers = 'none';
    const pauses: number[] = [];
    for (let n = 0; n < 7; n += 1) {
      await world.reach(await world.dueAt(serviceId));
      const began = harness.tools.clock.now().getTime();
      expect(await world.schedule().beginDue()).toBe(1);
      await world.work(serviceId);
      pauses.push(((await world.dueAt(serviceId)).getTime() - began) / hour);
    }
    const ratios = [1, 2, 4, 8, 16, 24, 24].map((least, n) => (pauses[n] ?? 0) / least);
    expect(ratios.filter((ratio) => ratio < 1 || ratio > 1.21)).toEqual([]);
    expect(await statuses()).toEqual(['installed', 'pending']);
    expect(world.authority.calls.ledger.entries('checkCertificate').filter(({ changed }) => changed)).toHaveLength(1);
    expect(await world.renewal(serviceId)).toMatchObject({
      attempts: 7,
      error: expect.stringContaining('do not show'),
    });
    expect(await service(serviceId)).toMatchObject({ status: 'active', degraded: [] });
    expect(await world.alerts()).toMatchObject([
      {
        ...{ kind: 'certificate.failing', severity: 'warning', key: serviceId },
        title: 'no certificate can be had for shop.example',
      },
    ]);
    world.nameServers = 'ours';
    await world.reach(await world.dueAt(serviceId));
    await world.schedule().beginDue();
    await world.work(serviceId);
    expect(await statuses()).toEqual(['replaced', 'installed']);
    expect(await world.alerts()).toEqual([]);
    expect(world.authority.orders.size).toBe(2);
  });

  it('of a domain that moved away is given up a month after all else, visibly, until somebody asks for it again', async () => {
    const serviceId = await hosted();
    world.nameServers = 'elsewhere';
    let tries = 0;
    for (; tries < 100 && (await world.renewal(serviceId)).givenUpAt === null; tries += 1) {
      await world.reach(await world.dueAt(serviceId));
      expect(await world.schedule().beginDue()).toBe(1);
      await world.work(serviceId);
    }
    expect(tries).toBeLessThan(60);
    expect(await world.renewal(serviceId)).toMatchObject({ dueAt: null, error: 'shop.example does not lead to us.' });
    expect(await service(serviceId)).toMatchObject({ status: 'active', degraded: ['install_ssl'] });
    expect(await world.alerts()).toMatchObject([
      {
        ...{ kind: 'certificate.failing', severity: 'critical', key: serviceId },
        detail: expect.stringContaining('Nobody tries any more'),
      },
    ]);
    // Nothing was ordered for a domain that leads elsewhere.
    expect(world.authority.orders.size).toBe(1);
    await world.pass(400 * day);
    expect([await world.schedule().askDue(), await world.schedule().beginDue()]).toEqual([0, 0]);

    world.leads.add('shop.example');
    await world.services.ask(serviceId, 'renew_certificate');
    expect(await world.work(serviceId)).toMatchObject({ status: 'completed' });
    expect(await world.renewal(serviceId)).toMatchObject({ givenUpAt: null, attempts: 0, error: null });
    expect(await service(serviceId)).toMatchObject({ degraded: [] });
    expect(await world.alerts()).toEqual([]);
  }, 120_000);

  it('that the authority refuses is ordered anew at the next try, not before', async () => {
    const serviceId = await hosted();
    await world.reach(await world.dueAt(serviceId));
    const ask = harness.tools.dns.ask;
    harness.tools.dns.ask = async (name, type) => {
      // We see what the authority does not.
      const { orders } = world.authority;
      const proofs = [...orders.values()].flatMap(({ challenges }) => challenges);
      const mine = proofs.flatMap((one) => (one.type === 'dns-01' && one.recordName === name ? [one.recordValue] : []));
      return mine.length > 0 ? [{ server: 'ns1.keelson.test', values: mine }] : ask(name, type);
    };
    await world.schedule().beginDue();
    expect(await world.work(serviceId)).toMatchObject({ status: 'completed' });
    expect(await statuses()).toEqual(['installed', 'failed']);
    expect(await world.renewal(serviceId)).toMatchObject({ error: expect.stringContaining('did not show the proof') });
    harness.tools.dns.ask = ask;
    await world.reach(await world.dueAt(serviceId));
    await world.schedule().beginDue();
    await world.work(serviceId);
    expect(await statuses()).toEqual(['replaced', 'failed', 'installed']);
  });

  it('that the panel does not take is put there by a later try, without another order, unless it ran out meanwhile', async () => {
    const serviceId = await hosted();
    harness.panel.calls.set({ method: 'putCertificate', error: new PortError('unavailable', 'The panel is down.') });
    const tryAgain = async () => {
      await world.reach(await world.dueAt(serviceId));
      expect(await world.schedule().beginDue()).toBe(1);
      await world.work(serviceId);
    };
    await tryAgain();
    expect(await statuses()).toEqual(['installed', 'issued']);
    expect(await world.alerts()).toMatchObject([
      { kind: 'certificate.failing', detail: 'The panel is down. Tries go on.' },
    ]);
    await world.pass(100 * day);
    harness.panel.calls.clear();
    await tryAgain();
    expect(await statuses()).toEqual(['replaced', 'failed', 'installed']);
    harness.panel.calls.set({ method: 'putCertificate', error: new PortError('unavailable', 'The panel is down.') });
    await tryAgain();
    harness.panel.calls.clear();
    await tryAgain();
    expect(await statuses()).toEqual(['replaced', 'failed', 'replaced', 'installed']);
    expect(onPanel()).toBe((await world.certificates())[3]?.serial);
  });

  it('that the order could not get is brought by the schedule', async () => {
    world.nameServers = 'none';
    const { serviceId } = await harness.order();
    expect(await world.work(serviceId)).toMatchObject({ status: 'completed' });
    expect(await service(serviceId)).toMatchObject({ status: 'active', degraded: ['install_ssl'] });
    world.nameServers = 'ours';
    expect(await world.schedule().beginDue()).toBe(0);
    await world.reach(await world.dueAt(serviceId));
    expect(await world.schedule().beginDue()).toBe(1);
    await world.work(serviceId);
    expect(await statuses()).toEqual(['installed']);
    expect(await service(serviceId)).toMatchObject({ degraded: [] });
  });

  it('is put on the panel again with a lost account, and not ordered a second time', async () => {
    const serviceId = await hosted();
    harness.panel.accounts.clear();
    expect(await world.services.do(serviceId, 'reprovision')).toMatchObject({ status: 'completed' });
    expect(onPanel()).toBe((await world.certificates())[0]?.serial);
    expect(await statuses()).toEqual(['installed']);
  });

  it.each(deaths.filter((death) => death !== 'noted'))(
    'is renewed with one order when the worker dies once it has %s',
    async (death) => {
      const serviceId = await hosted();
      await world.reach(await world.dueAt(serviceId));
      await world.schedule().beginDue();
      const taskId = (await world.openTask(serviceId)) ?? '';
      let died = false;
      for (let run = 0; run < 5 && !died; run += 1) {
        died = await world.services.kill(taskId, 'renew_certificate', death);
        await world.pass(30_000, taskId);
      }
      expect(died).toBe(true);
      await world.work(serviceId);
      expect(await statuses()).toEqual(['replaced', 'installed']);
      expect(world.authority.orders.size).toBe(2);
      expect(onPanel()).toBe((await world.certificates())[1]?.serial);
      await harness.runner().drive(taskId);
      expect(await harness.forgotten()).toEqual([]);
    },
  );
});
