import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PortError } from '@keelson/core';
import { newId } from '@keelson/database';
import { ProvisioningHarness } from '../../test/provisioning-harness.js';

const usd = (amount: number) => ({ amount, currency: 'USD' });

describe('register_domain', () => {
  let harness: ProvisioningHarness;

  beforeAll(async () => {
    harness = await ProvisioningHarness.open();
  }, 120_000);
  afterAll(() => harness?.close());
  beforeEach(() => harness.reset());

  const order = (more: Parameters<ProvisioningHarness['order']>[0] = {}) =>
    harness.order({ domainMode: 'new_registration', domainPrice: usd(1_500), ...more });
  const held = () => harness.registrar.domains.get('shop.example');

  async function importedCost(amount: number): Promise<void> {
    await harness.dataSource.query(`DELETE FROM tld_prices WHERE tld = 'example'`);
    await harness.dataSource.query(
      `INSERT INTO tld_prices (id, tld, currency, register_amount, renew_amount, transfer_amount, cost_currency, register_cost, renew_cost, transfer_cost, costs_at)
       VALUES ($1, 'example', 'USD', 0, 0, 0, 'USD', $2, $2, $2, now())`,
      [newId(), amount],
    );
  }

  describe('of a name that was taken meanwhile', () => {
    beforeEach(() => void harness.registrar.foreign.set('shop.example', 'theirs'));

    it('is final: no later step runs, nothing is paid, and what was made waits for the decision', async () => {
      const { taskId } = await order();
      expect(await harness.finish(taskId)).toMatchObject({ status: 'needs_attention', errorCode: 'already-exists' });
      expect(await harness.statesOf(taskId)).toMatchObject({
        create_account: 'completed',
        register_domain: 'failed',
        transfer_domain: 'skipped',
        configure_domain: 'pending',
        send_welcome_email: 'pending',
      });
      expect(await harness.holdings()).toMatchObject({ accounts: 1, zones: 1, domains: 0, payments: 0 });
    });

    it('tells the customer what can be decided, and flags the money that was taken', async () => {
      const { taskId, serviceId } = await order();
      await harness.finish(taskId);
      const [mail] = harness.mail.delivered;
      expect(mail).toMatchObject({
        subject: 'shop.example could not be registered',
        to: [{ address: 'ada@example.org' }],
      });
      expect(mail?.text).toContain('another domain, a domain that you have already, or your money back');
      expect(await harness.tools.domains.listProblems()).toMatchObject([
        {
          serviceId,
          soldAmount: 1_500,
          soldCurrency: 'USD',
          problem: { during: 'registration', reason: 'The domain is taken.', since: expect.any(String) },
        },
      ]);
    });

    it('takes everything back when the order is cancelled', async () => {
      const { taskId } = await order();
      await harness.finish(taskId);
      await harness.provisioning.cancel(taskId);
      expect((await harness.finish(taskId)).status).toBe('cancelled');
      expect(await harness.holdings()).toMatchObject({ slots: 0, accounts: 0, zones: 0, mailboxes: 0, payments: 0 });
    });

    it('is bought on a retry once the name is free again, and the flag is gone', async () => {
      const { taskId, serviceId } = await order();
      await harness.finish(taskId);
      harness.registrar.foreign.clear();
      await harness.provisioning.retry(taskId);
      expect((await harness.finish(taskId)).status).toBe('completed');
      expect(await harness.row('domains', serviceId)).toMatchObject({ status: 'active', problem: null });
      expect(await harness.holdings()).toMatchObject({ domains: 1, payments: 1 });
    });

    it('is not held up by a mail server that is away', async () => {
      harness.mail.faults.deferred.set('ada@example.org', 99);
      const { taskId } = await order();
      expect((await harness.finish(taskId)).errorCode).toBe('already-exists');
    });
  });

  describe('pays what was sold', () => {
    it('and buys a premium name that was sold at its price', async () => {
      harness.registrar.premium.set('shop.example', usd(90_000));
      const { taskId } = await order({ domainPrice: usd(99_000) });
      expect((await harness.finish(taskId)).status).toBe('completed');
      expect(harness.registrar.payments).toMatchObject([{ amount: 90_000 }]);
    });

    it.each([
      ['that was sold at the list price', usd(1_500)],
      ['whose price nobody agreed on', undefined],
    ])('and not a premium name %s: the customer is asked', async (_what, domainPrice) => {
      harness.registrar.premium.set('shop.example', usd(90_000));
      const { taskId } = await order({ domainPrice });
      expect(await harness.finish(taskId)).toMatchObject({ status: 'needs_attention', errorCode: 'wrong-state' });
      expect(harness.registrar.payments).toEqual([]);
    });

    it('and what the list says where we sell below it', async () => {
      await importedCost(1_000);
      const { taskId } = await order({ domainPrice: usd(0) });
      expect((await harness.finish(taskId)).status).toBe('completed');
      expect(harness.registrar.payments).toMatchObject([{ amount: 1_000 }]);
    });

    it('and not what the list has risen to since', async () => {
      await importedCost(800);
      const { taskId } = await order({ domainPrice: usd(900) });
      expect(await harness.finish(taskId)).toMatchObject({ status: 'needs_attention', errorCode: 'wrong-state' });
    });

    it('and the list price where it was sold in another currency than the registrar bills', async () => {
      const { taskId } = await order({ domainPrice: { amount: 1, currency: 'EUR' } });
      expect((await harness.finish(taskId)).status).toBe('completed');
      expect(harness.registrar.payments).toMatchObject([{ amount: 1_000 }]);
    });
  });

  it.each([
    ['name servers', 'nameservers'],
    ['contact', 'contact'],
  ] as const)('puts right the %s that the registrar replaced by its own', async (_what, replaced) => {
    harness.registrar.replaces = [replaced];
    const { taskId, serviceId } = await order();
    expect((await harness.finish(taskId)).status).toBe('completed');
    expect(held()).toMatchObject({
      nameservers: ['ns1.keelson.test', 'ns2.keelson.test'],
      contact: { firstName: 'Ada', lastName: 'Lovelace', email: 'ada@example.org' },
      locked: true,
    });
    expect(await harness.row('services', serviceId)).toMatchObject({ degraded: [] });
  });

  it('leaves the service in use, and shows the operator what is missing, when the registrar insists on its own', async () => {
    harness.registrar.replaces = ['contact'];
    const insists = new PortError('invalid-input', 'The registry does not take this contact.');
    harness.registrar.calls.set({ method: 'putContacts', error: insists });
    const { taskId, serviceId } = await order();
    expect((await harness.finish(taskId)).status).toBe('completed');
    expect(await harness.row('services', serviceId)).toMatchObject({
      status: 'active',
      degraded: expect.arrayContaining(['configure_domain']),
    });
    const { timeline } = await harness.provisioning.view(taskId);
    expect(timeline.find(({ step }) => step === 'configure_domain')).toMatchObject({
      status: 'failed',
      error: insists.message,
    });
  });

  it('changes nothing at the registrar that is right already', async () => {
    const { taskId } = await order();
    await harness.finish(taskId);
    const changes = harness.registrar.calls.ledger.entries().filter(({ changed }) => changed);
    expect(changes.map(({ operation }) => operation)).toEqual(['registerDomain', 'setLock']);
  });

  it('does without privacy where the ending does not know it', async () => {
    harness.registrar.calls.set({
      method: 'setPrivacy',
      error: new PortError('unsupported', 'Not below this ending.'),
    });
    const { taskId, serviceId } = await order();
    const domain = () => held();
    harness.registrar.calls.set({ method: 'setLock', times: 1, error: new PortError('unavailable', 'Later.') });
    await harness.runner().drive(taskId);
    const registered = domain();
    if (registered !== undefined) registered.privacy = false;
    expect((await harness.finish(taskId)).status).toBe('completed');
    expect(await harness.row('services', serviceId)).toMatchObject({ degraded: [] });
  });

  it('waits for what the registrant has not told us, and goes on when it is there', async () => {
    await harness.dataSource.query(`UPDATE customers SET phone = NULL`);
    const { taskId } = await order();
    await harness.runner().drive(taskId);
    const { timeline } = await harness.provisioning.view(taskId);
    expect(timeline.find(({ step }) => step === 'register_domain')).toMatchObject({
      status: 'waiting',
      errorCode: 'invalid-config',
    });
    await harness.dataSource.query(`UPDATE customers SET phone = '+44.2071234567'`);
    expect((await harness.finish(taskId)).status).toBe('completed');
  });
});
