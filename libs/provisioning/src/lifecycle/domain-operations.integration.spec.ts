import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PortError, registrarPort } from '@keelson/core';
import { MemoryRegistrarAdapter, memoryRegistrarCapabilities } from '@keelson/testing/memory';
import { deaths } from '../../test/dying-journal.js';
import { LifecycleHarness } from '../../test/lifecycle-harness.js';
import { ProvisioningHarness } from '../../test/provisioning-harness.js';
import { automation } from './requester.types.js';

const hourMs = 3_600_000;

describe('operations on domains', () => {
  let harness: ProvisioningHarness;
  let operations: LifecycleHarness;
  let serviceId: string;

  beforeAll(async () => {
    harness = await ProvisioningHarness.open();
    operations = new LifecycleHarness(harness);
  }, 120_000);
  afterAll(() => harness?.close());
  beforeEach(async () => {
    await harness.reset();
    const connectionId = await harness.connection('registrar signing');
    const adapter = new MemoryRegistrarAdapter(harness.registrar);
    harness.ports.bound.set(registrarPort.id, { adapter, capabilities: memoryRegistrarCapabilities, connectionId });
    serviceId = await operations.active({ domainMode: 'new_registration' });
  });

  const held = () => harness.registrar.domains.get('shop.example');
  const expiry = () => held()?.expiresAt.toISOString().slice(0, 10) ?? '';
  const renewals = () => harness.registrar.payments.filter(({ method }) => method === 'renewDomain');
  const stepOf = async (taskId: string, name: string) =>
    (await harness.journal.steps(taskId)).find((step) => step.name === name);

  describe('renew_domain', () => {
    const renew = () => operations.ask(serviceId, 'renew_domain', { years: 2, expectedExpiry: expiry() }, automation);

    it('renews from the expiry that we know, and remembers the next one', async () => {
      const before = held()?.expiresAt as Date;
      const { taskId } = await renew();
      expect((await harness.finish(taskId)).status).toBe('completed');
      expect(renewals()).toHaveLength(1);
      expect(held()?.expiresAt.getUTCFullYear()).toBe(before.getUTCFullYear() + 2);
      expect(await harness.row('domains', serviceId)).toMatchObject({
        status: 'active',
        expires_at: held()?.expiresAt,
      });
    });

    it('is refused for another expiry than the one we know, so that asking twice renews once', async () => {
      const first = expiry();
      const { taskId } = await renew();
      await harness.finish(taskId);
      const again = operations.ask(serviceId, 'renew_domain', { years: 2, expectedExpiry: first });
      await expect(again).rejects.toMatchObject({ kind: 'conflict', code: 'expiry-changed' });
      expect(renewals()).toHaveLength(1);
    });

    it.each([
      [{ years: 0 }],
      [{ years: 11 }],
      [{ years: 1.5 }],
      [{ expectedExpiry: 'soon' }],
      [{ expectedExpiry: '2027-02-30' }],
    ])('is refused with %j', async (wrong) => {
      const asked = operations.ask(serviceId, 'renew_domain', { years: 1, expectedExpiry: expiry(), ...wrong });
      await expect(asked).rejects.toMatchObject({ kind: 'bad-input' });
    });

    it('is refused for a domain that the customer keeps elsewhere', async () => {
      const other = await operations.active({ domain: 'elsewhere.example' });
      const asked = operations.ask(other, 'renew_domain', { years: 1, expectedExpiry: '2027-01-01' });
      await expect(asked).rejects.toMatchObject({ code: 'no-domain' });
    });

    it('waits for money without burning an attempt, and goes on by itself', async () => {
      const full = harness.registrar.balance;
      harness.registrar.balance = 0;
      const { taskId } = await renew();
      for (let turn = 0; turn < 8; turn += 1) {
        await harness.runner().drive(taskId);
        await harness.pass(taskId, hourMs);
      }
      expect(await stepOf(taskId, 'renew_domain')).toMatchObject({
        state: 'waiting',
        errorCode: 'no-funds',
        reason: 'top up the account at the provider; it goes on by itself',
        attempt: 0,
      });
      harness.registrar.balance = full;
      expect((await harness.finish(taskId)).status).toBe('completed');
      expect(renewals()).toHaveLength(1);
    });

    it.each(deaths.map((death) => [death] as const))('pays once when its worker dies once it %s', async (death) => {
      const { taskId } = await renew();
      expect(await operations.kill(taskId, 'renew_domain', death)).toBe(true);
      expect((await harness.finish(taskId)).status).toBe('completed');
      expect(renewals()).toHaveLength(1);
      expect(await harness.row('domains', serviceId)).toMatchObject({ expires_at: held()?.expiresAt });
    });

    it('pays once when the answer is lost', async () => {
      harness.registrar.calls.loseNextAnswer('renewDomain');
      const { taskId } = await renew();
      expect((await harness.finish(taskId)).status).toBe('completed');
      expect(renewals()).toHaveLength(1);
    });

    it('takes a renewal by hand for its own, and asks about an expiry that nobody understands', async () => {
      const { taskId } = await renew();
      const domain = held();
      if (domain !== undefined) domain.expiresAt = new Date(Date.UTC(domain.expiresAt.getUTCFullYear() + 2, 11, 31));
      expect((await harness.finish(taskId)).status).toBe('completed');
      expect(renewals()).toEqual([]);

      const second = await renew();
      if (domain !== undefined) domain.expiresAt = new Date(domain.expiresAt.getTime() + 40 * 24 * hourMs);
      expect(await harness.finish(second.taskId)).toMatchObject({
        status: 'needs_attention',
        errorCode: 'wrong-state',
      });
      expect(renewals()).toEqual([]);
    });

    it('says before what it would do, and does nothing then', async () => {
      const input = { years: 1, expectedExpiry: expiry() };
      const plan = await operations.lifecycle.plan({
        serviceId,
        operation: 'renew_domain',
        input,
        requestedBy: automation,
      });
      expect(JSON.stringify(plan.steps)).toContain('renews shop.example for 1 years');
      expect(renewals()).toEqual([]);
    });
  });

  describe('set_dnssec', () => {
    it('finds a new domain signed, with the keys of the zone at the registry', () => {
      expect(harness.names.zones.get('shop.example')?.signed).toBe(true);
      expect(held()?.dsRecords).toMatchObject([{ keyTag: 1, algorithm: 13, digestType: 2 }]);
    });

    it('turned off takes the pointer away first, waits two days, and only then stops signing', async () => {
      const { taskId } = await operations.ask(serviceId, 'set_dnssec', { on: false });
      const runner = harness.runner();
      while ((await stepOf(taskId, 'secure_dns'))?.note !== null) await runner.drive(taskId);
      for (let turn = 0; turn < 200 && held()?.dsRecords.length !== 0; turn += 1) {
        await runner.drive(taskId);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      expect(held()?.dsRecords).toEqual([]);
      expect(harness.names.zones.get('shop.example')?.signed).toBe(true);
      await harness.pass(taskId, 47 * hourMs);
      await harness.runner().drive(taskId);
      expect(harness.names.zones.get('shop.example')?.signed).toBe(true);
      await harness.pass(taskId, hourMs);
      expect((await harness.finish(taskId)).status).toBe('completed');
      expect(harness.names.zones.get('shop.example')?.signed).toBe(false);
      expect(await harness.row('domains', serviceId)).toMatchObject({ dnssec: false });
    });

    it('turned on again signs the zone and tells the registry', async () => {
      await harness.dataSource.query('UPDATE domains SET dnssec = false');
      const domain = held();
      if (domain !== undefined) domain.dsRecords = [];
      const zone = harness.names.zones.get('shop.example');
      if (zone !== undefined) zone.signed = false;
      expect((await operations.do(serviceId, 'set_dnssec', { on: true })).status).toBe('completed');
      expect(zone?.signed).toBe(true);
      expect(held()?.dsRecords).toHaveLength(1);
    });

    it('does not sign a domain that is delegated elsewhere: it asks', async () => {
      const domain = held();
      if (domain !== undefined)
        Object.assign(domain, { nameservers: ['ns1.other.example', 'ns2.other.example'], dsRecords: [] });
      const task = await operations.do(serviceId, 'set_dnssec', { on: true });
      expect(task).toMatchObject({ status: 'needs_attention', errorCode: 'wrong-state' });
      expect(held()?.dsRecords).toEqual([]);
    });

    it('leaves a service that cannot be signed in use, and says what is missing', async () => {
      harness.registrar.calls.set({
        method: 'putDsRecords',
        error: new PortError('invalid-input', 'No such algorithm.'),
      });
      const other = await operations.active({ domain: 'second.example', domainMode: 'new_registration' });
      expect(await harness.row('services', other)).toMatchObject({ status: 'active', degraded: ['secure_dns'] });
    });
  });
});
