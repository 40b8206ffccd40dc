import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { provisionerPort } from '@keelson/core';
import { Product } from '@keelson/catalogue';
import { newId } from '@keelson/database';
import { type Death, deaths } from '../../test/dying-journal.js';
import { admin, LifecycleHarness } from '../../test/lifecycle-harness.js';
import { ProvisioningHarness } from '../../test/provisioning-harness.js';

const chosen = 'Chosen-by-Ada-1815';

describe('operations on the account of a service', () => {
  let harness: ProvisioningHarness;
  let services: LifecycleHarness;
  let serviceId: string;

  beforeAll(async () => {
    harness = await ProvisioningHarness.open();
    services = new LifecycleHarness(harness);
  }, 120_000);
  afterAll(() => harness?.close());
  beforeEach(async () => {
    await harness.reset();
    serviceId = await services.active();
  });

  const account = () => [...harness.panel.accounts.values()][0]!;
  const acts = (method: string) =>
    harness.panel.calls.ledger.entries().filter((call) => call.operation === method && call.changed).length;
  const secret = (name: string) => harness.secrets.find(serviceId, name);
  const customer = () => ({ actor: 'user:3', role: 'customer', customerId: harness.customer.id }) as const;

  const product = async (slug: string, more: Partial<Product> = {}) => {
    const { manager } = harness.dataSource;
    const fields = { id: newId(), slug, name: slug, description: 'd', type: 'hosting', packageName: slug, ...more };
    return manager.save(manager.create(Product, fields as Product));
  };

  describe('change_package', () => {
    it('goes up and down, at the panel and in the tables', async () => {
      const premium = await product('premium', { limits: { databases: 20 } });
      expect((await services.do(serviceId, 'change_package', { productId: 'premium' })).status).toBe('completed');
      expect(account().package).toBe('premium');
      expect(await services.service(serviceId)).toMatchObject({ product_id: premium.id, package_name: 'premium' });
      await services.do(serviceId, 'change_package', { packageName: 'student' });
      expect(account().package).toBe('student');
      expect(await services.service(serviceId)).toMatchObject({ product_id: premium.id, package_name: 'student' });
    });

    it('touches nothing when the usage does not fit, and says what is too much', async () => {
      harness.panel.packages.find(({ name }) => name === 'basic')!.diskMb = 11;
      const plan = await services.lifecycle.plan({
        serviceId,
        operation: 'change_package',
        input: { packageName: 'basic' },
        requestedBy: admin,
      });
      const reason = 'The account does not fit the package basic: it uses 12 MB of disk of 11.';
      expect(plan.steps).toMatchObject([{ step: 'check_usage', outcome: 'refuse', reason }]);
      const task = await services.do(serviceId, 'change_package', { packageName: 'basic' });
      expect(task).toMatchObject({ status: 'failed', errorCode: 'wrong-state', error: reason });
      expect(acts('changePackage')).toBe(0);
      expect(account().package).toBe('starter');
      expect(await services.service(serviceId)).toMatchObject({ status: 'active', package_name: null });
    });

    it('touches nothing when the server lacks the package', async () => {
      expect(await services.do(serviceId, 'change_package', { packageName: 'gold' })).toMatchObject({
        status: 'failed',
        error: 'The server has no package gold: make it there first.',
      });
    });

    it.each([
      [{}, { kind: 'bad-input' }],
      [{ productId: 'premium', packageName: 'premium' }, { kind: 'bad-input' }],
      [{ productId: 'nothing' }, { code: 'unknown-plan' }],
      [{ productId: 'mail' }, { code: 'other-type' }],
      [{ productId: 'far' }, { code: 'other-server-group' }],
      [{ packageName: '; drop' }, { kind: 'bad-input' }],
    ])('refuses %j', async (input, refusal) => {
      await product('premium');
      await product('mail', { type: 'email' });
      await product('far', { serverGroup: 'far' });
      await expect(services.ask(serviceId, 'change_package', input)).rejects.toMatchObject(refusal);
    });

    it.each(kills(['check_usage', 'change_package'], ['change_package']))(
      'ends the same when the worker dies in %s, once it %s',
      async (step, death) => {
        const { taskId } = await services.ask(serviceId, 'change_package', { packageName: 'basic' });
        expect(await services.kill(taskId, step, death)).toBe(true);
        expect((await harness.finish(taskId)).status).toBe('completed');
        expect(account().package).toBe('basic');
        expect(acts('changePackage')).toBe(1);
        expect(await services.service(serviceId)).toMatchObject({ package_name: 'basic' });
      },
    );

    it('asks once when the answer is lost', async () => {
      harness.panel.calls.loseNextAnswer('changePackage');
      expect((await services.do(serviceId, 'change_package', { packageName: 'basic' })).status).toBe('completed');
      expect(acts('changePackage')).toBe(1);
    });
  });

  describe('change_password', () => {
    it('sets the password that the customer chose, and mails nothing', async () => {
      const mails = harness.mail.delivered.length;
      const task = await services.do(serviceId, 'change_password', { password: chosen }, customer());
      expect(task.status).toBe('completed');
      expect(account().password).toBe(chosen);
      expect(await secret('panel_password')).toBe(chosen);
      expect(await secret('panel_password_next')).toBeUndefined();
      expect(harness.mail.delivered).toHaveLength(mails);
    });

    it('makes one when none is chosen, and mails it', async () => {
      const old = account().password;
      expect((await services.do(serviceId, 'change_password')).status).toBe('completed');
      expect(account().password).not.toBe(old);
      expect(harness.mail.delivered.at(-1)?.text).toContain(account().password);
    });

    it('keeps the password out of every row but its seal', async () => {
      harness.panel.calls.set({ method: 'setAccountPassword', times: 1, error: new Error(`refused ${chosen}`) });
      await services.do(serviceId, 'change_password', { password: chosen });
      const tables = [
        'provisioning_tasks',
        'provisioning_steps',
        'provisioning_events',
        'audit_log',
        'service_secrets',
      ];
      for (const table of tables) {
        const rows = await harness.dataSource.query<unknown[]>(`SELECT * FROM ${table}`);
        expect([table, JSON.stringify(rows).includes(chosen)]).toEqual([table, false]);
      }
    });

    it('forgets the new password when it is called off', async () => {
      const { taskId } = await services.ask(serviceId, 'change_password', { password: chosen });
      await harness.provisioning.cancel(taskId);
      expect((await harness.finish(taskId)).status).toBe('cancelled');
      expect(await secret('panel_password_next')).toBeUndefined();
      expect(account().password).not.toBe(chosen);
    });

    it.each(kills(['set_password', 'send_credentials'], []))(
      'sets one password and mails it when the worker dies in %s, once it %s',
      async (step, death) => {
        const { taskId } = await services.ask(serviceId, 'change_password');
        expect(await services.kill(taskId, step, death)).toBe(true);
        expect((await harness.finish(taskId)).status).toBe('completed');
        expect(await secret('panel_password')).toBe(account().password);
        expect(await secret('panel_password_next')).toBeUndefined();
        const mails = harness.mail.delivered.filter(({ subject }) => subject.startsWith('Your access'));
        expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(1);
        expect(mails.at(-1)?.text).toContain(account().password);
        expect(await services.service(serviceId)).toMatchObject({ degraded: [] });
      },
    );

    it.each([['short'], ['has a space in it'], ['ümlautümlautümlaut'], ['x'.repeat(65)], [7]])(
      'refuses the password %j',
      async (password) => {
        const asked = services.ask(serviceId, 'change_password', { password: password as string });
        await expect(asked).rejects.toMatchObject({ kind: 'bad-input', fields: [{ path: 'password' }] });
        expect(await secret('panel_password_next')).toBeUndefined();
      },
    );
  });

  describe('resend_credentials', () => {
    it('mails names and passwords once more, every time it is asked', async () => {
      for (const turn of [1, 2]) {
        expect((await services.do(serviceId, 'resend_credentials', {}, customer())).status).toBe('completed');
        const mails = harness.mail.delivered.filter(({ subject }) => subject === 'Your access to shop.example');
        expect(mails).toHaveLength(turn);
        expect(mails.at(-1)).toMatchObject({ to: [{ address: 'ada@example.org' }] });
        for (const text of [account().password, account().username, 'admin@shop.example'])
          expect(mails.at(-1)?.text).toContain(text);
      }
    });

    it('does not tell the login of a customer who chose the password', async () => {
      await services.do(serviceId, 'resend_credentials');
      expect(harness.mail.delivered.at(-1)?.text).not.toContain('Temporary');
    });
  });

  describe('reprovision', () => {
    const before = () => ({ username: account().username, password: account().password });

    it('makes a lost account again under its name and with its password', async () => {
      const lost = before();
      harness.panel.accounts.clear();
      expect((await services.do(serviceId, 'reprovision')).status).toBe('completed');
      expect(account()).toMatchObject({ ...lost, domain: 'shop.example', externalId: serviceId });
      expect(account().databases.size).toBe(1);
      expect(await harness.holdings()).toMatchObject({ slots: 1, accounts: 1, zones: 1, mailboxes: 1, mails: 1 });
      expect(await services.service(serviceId)).toMatchObject({ status: 'active', username: lost.username });
    });

    it('changes nothing where everything is there', async () => {
      const done = harness.panel.calls.ledger.entries().filter(({ changed }) => changed).length;
      expect((await services.do(serviceId, 'reprovision')).status).toBe('completed');
      expect(harness.panel.calls.ledger.entries().filter(({ changed }) => changed)).toHaveLength(done);
    });

    it('adopts an account whose owner has another address by now', async () => {
      const { externalId: _mark, ...unmarked } = account();
      harness.panel.accounts.set(unmarked.username, unmarked);
      await harness.dataSource.query(`UPDATE customers SET email = 'new@example.org'`);
      expect((await services.do(serviceId, 'reprovision')).status).toBe('completed');
      expect(harness.panel.accounts.size).toBe(1);
    });

    it('makes zone and mailbox again, each alone', async () => {
      harness.names.zones.clear();
      harness.mailboxes.mailboxes.clear();
      expect((await services.do(serviceId, 'reprovision')).status).toBe('completed');
      expect(await harness.holdings()).toMatchObject({ accounts: 1, zones: 1, mailboxes: 1 });
      expect(acts('ensureAccount')).toBe(1);
    });

    it('takes nothing back when it fails or is called off', async () => {
      harness.names.zones.clear();
      harness.names.zones.set('shop.example', { owner: 'another service', sets: new Map() } as never);
      const task = await services.do(serviceId, 'reprovision');
      expect(task.status).toBe('failed');
      expect(await harness.holdings()).toMatchObject({ slots: 1, accounts: 1, databases: 1, mailboxes: 1 });
      expect(await services.service(serviceId)).toMatchObject({ status: 'active', username: account().username });
      expect(await harness.row('remote_resources', serviceId).catch(() => 'several')).toBe('several');
    });

    it.each(
      kills(
        ['find_account', 'create_account', 'setup_dns', 'provision_email', 'create_database'],
        ['create_account', 'provision_email', 'create_database'],
      ),
    )('makes one account when the worker dies in %s, once it %s', async (step, death) => {
      harness.panel.accounts.clear();
      harness.mailboxes.mailboxes.clear();
      const { taskId } = await services.ask(serviceId, 'reprovision');
      expect(await services.kill(taskId, step, death)).toBe(true);
      expect((await harness.finish(taskId)).status).toBe('completed');
      expect(await harness.holdings()).toMatchObject({ slots: 1, accounts: 1, databases: 1, zones: 1, mailboxes: 1 });
      expect(acts('ensureAccount')).toBe(2);
      expect(await harness.forgotten()).toEqual([]);
    });

    it('tells what is missing, and makes none of it', async () => {
      harness.panel.accounts.clear();
      const plan = await services.lifecycle.plan({ serviceId, operation: 'reprovision', requestedBy: admin });
      expect(plan.steps.map(({ step, outcome }) => `${step}: ${outcome}`)).toEqual([
        'assign_server: act',
        'find_account: confirm',
        'create_account: act',
        'setup_dns: act',
        'provision_email: confirm',
        'create_database: act',
        'configure_domain: skip',
        'secure_dns: skip',
        'install_ssl: skip',
      ]);
      expect(harness.panel.accounts.size).toBe(0);
    });
  });

  it('says so when the panel cannot do it', async () => {
    const { find } = harness.ports;
    harness.ports.find = async (port, key) => {
      const bound = await find.call(harness.ports, port, key);
      if (bound === undefined || port.id !== provisionerPort.id) return bound as never;
      const { changePackage: _c, setAccountPassword: _s, ...bare } = bound.adapter as never as Record<string, unknown>;
      return { ...bound, adapter: Object.assign(bare, noCapabilities(bound.adapter)) } as never;
    };
    for (const [operation, input] of [
      ['change_package', { packageName: 'basic' }],
      ['change_password', {}],
    ] as const) {
      expect(await services.do(serviceId, operation, input)).toMatchObject({
        status: 'failed',
        errorCode: 'unsupported',
      });
    }
  });
});

/** An adapter's marks, without any capability. */
function noCapabilities(adapter: object): object {
  const [mark] = Object.getOwnPropertySymbols(adapter);
  return mark === undefined ? {} : { [mark]: new Set() };
}

function kills(steps: string[], looking: string[]): (readonly [string, Death])[] {
  return steps.flatMap((step) =>
    deaths.filter((death) => death !== 'noted' || looking.includes(step)).map((death) => [step, death] as const),
  );
}
