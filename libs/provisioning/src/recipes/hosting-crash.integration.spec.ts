import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PortError } from '@keelson/core';
import { type Death, deaths, DyingJournal } from '../../test/dying-journal.js';
import { invariants, sound } from '../../test/invariants.js';
import { ProvisioningHarness } from '../../test/provisioning-harness.js';
import { hostingRecipe } from './hosting.recipe.js';

const once = {
  slots: 1,
  accounts: 1,
  databases: 1,
  zones: 1,
  mailboxes: 1,
  domains: 1,
  payments: 1,
  mails: 1,
};
const nothing = Object.fromEntries(Object.keys(once).map((name) => [name, 0]));

const steps = [
  'assign_server',
  'create_account',
  'setup_dns',
  'provision_email',
  'create_database',
  'register_domain',
  'transfer_domain',
  'configure_domain',
  'secure_dns',
  'install_ssl',
  'send_welcome_email',
];
const undone = steps.slice(0, 5);
/** Those that look before they act note what they saw. Transfers and what is not bound here have specs of their own. */
const looking = ['create_account', 'provision_email', 'register_domain'];
const kills = steps
  .filter((step) => !['transfer_domain', 'secure_dns', 'install_ssl'].includes(step))
  .flatMap((step) =>
    deaths.filter((death) => death !== 'noted' || looking.includes(step)).map((death) => [step, death] as const),
  );

describe('hosting.provision whose worker dies', () => {
  let harness: ProvisioningHarness;

  beforeAll(async () => {
    harness = await ProvisioningHarness.open();
  }, 120_000);
  afterAll(() => harness?.close());
  beforeEach(() => harness.reset());

  const order = () => harness.order({ domainMode: 'new_registration' });

  /** Runs a worker into its death; says whether it died. */
  async function kill(taskId: string, step: string, death: Death): Promise<boolean> {
    const journal = new DyingJournal(harness.dataSource, step, death);
    await harness.runner(journal).drive(taskId).catch(ifNot('killed'));
    await harness.lapse(taskId);
    return journal.dead;
  }

  it('is tested at every step of the recipe', () => {
    expect(hostingRecipe(harness.tools).steps.map(({ name }) => name)).toEqual(steps);
  });

  it.each(kills)(
    'in %s, once it %s, ends in the same state as an undisturbed one, with one object of each kind',
    async (step, death) => {
      const { taskId, serviceId } = await order();
      expect(await kill(taskId, step, death)).toBe(true);
      const task = await harness.finish(taskId);
      expect(task).toMatchObject({ status: 'completed', error: null });
      expect(await harness.holdings()).toEqual(once);
      expect(await harness.row('services', serviceId)).toMatchObject({ status: 'active', degraded: [] });
      for (const table of ['websites', 'domains', 'dns_zones', 'mailboxes', 'databases']) {
        expect(await harness.row(table, serviceId)).toMatchObject({ status: 'active' });
      }
      expect(await invariants(harness)).toEqual(sound);
    },
  );

  it.each(undone.flatMap((step) => (['claimed', 'acted', 'recorded'] as const).map((death) => [step, death] as const)))(
    'while it takes back %s, once it %s, leaves nothing behind',
    async (step, death) => {
      harness.registrar.balance = 0;
      const { taskId, serviceId } = await order();
      await harness.runner().drive(taskId);
      await harness.provisioning.cancel(taskId);
      const journal = new DyingJournal(harness.dataSource, step, death, 'undo');
      await harness.runner(journal).drive(taskId).catch(ifNot('killed'));
      expect(journal.dead).toBe(true);
      await harness.lapse(taskId);
      expect(await harness.finish(taskId)).toMatchObject({ status: 'cancelled', errorCode: 'cancelled' });
      expect(await harness.holdings()).toEqual(nothing);
      expect(await harness.row('services', serviceId)).toMatchObject({ status: 'cancelled', server_id: null });
      expect(await invariants(harness)).toEqual(sound);
    },
  );

  it.each(undone.flatMap((step) => (['claimed', 'acted'] as const).map((death) => [step, death] as const)))(
    'in %s, once it %s, and is cancelled meanwhile, leaves nothing behind',
    async (step, death) => {
      const { taskId, serviceId } = await order();
      expect(await kill(taskId, step, death)).toBe(true);
      await harness.provisioning.cancel(taskId);
      expect(await harness.finish(taskId)).toMatchObject({ status: 'cancelled' });
      expect(await harness.holdings()).toEqual(nothing);
      expect(await harness.row('services', serviceId)).toMatchObject({ status: 'cancelled', server_id: null });
      expect(await invariants(harness)).toEqual(sound);
    },
  );

  it('in a step beside one that is refused for good, leaves nothing behind', async () => {
    harness.mailboxes.calls.set({ method: 'ensureMailbox', error: new PortError('invalid-input', 'Never.') });
    const { taskId } = await order();
    await kill(taskId, 'create_database', 'claimed');
    expect(await harness.finish(taskId)).toMatchObject({ status: 'failed', error: 'Never.' });
    expect(await harness.holdings()).toEqual(nothing);
    expect(await invariants(harness)).toEqual(sound);
  });

  it.each([
    ['panel', 'ensureAccount'],
    ['panel', 'ensureDatabase'],
    ['names', 'ensureZone'],
    ['names', 'putRecords'],
    ['mailboxes', 'ensureMailbox'],
    ['registrar', 'registerDomain'],
  ] as const)('adopts what the %s did when the answer to %s is lost', async (vendor, method) => {
    harness[vendor].calls.loseNextAnswer(method);
    const { taskId } = await order();
    expect((await harness.finish(taskId)).status).toBe('completed');
    expect(await harness.holdings()).toEqual(once);
    const changes = harness[vendor].calls.ledger.entries().filter((call) => call.operation === method && call.changed);
    expect(changes).toHaveLength(method === 'ensureDatabase' ? 2 : 1);
  });

  it('sends the welcome mail at most twice, with one Message-ID, when its answer is lost', async () => {
    harness.mail.faults.breakOff = 'after';
    const { taskId } = await order();
    expect((await harness.finish(taskId)).status).toBe('completed');
    expect(harness.mail.delivered).toHaveLength(2);
    expect(await harness.holdings()).toEqual(once);
  });

  it('does not lose an account that appears only while the order is taken back', async () => {
    harness.panel.calls.loseNextAnswer('ensureAccount');
    const { taskId } = await order();
    const quick = harness.policy;
    harness.policy = { ...quick, looksMs: [60_000] };
    await harness.runner().drive(taskId);
    harness.policy = quick;
    expect(await harness.statesOf(taskId)).toMatchObject({ create_account: 'unknown' });
    const late = new Map(harness.panel.accounts);
    harness.panel.accounts.clear();
    await harness.provisioning.cancel(taskId);
    await harness.runner().drive(taskId);
    late.forEach((account, name) => harness.panel.accounts.set(name, account));
    expect((await harness.finish(taskId)).status).toBe('cancelled');
    expect(await harness.holdings()).toEqual(nothing);
  });
});

function ifNot(message: string) {
  return (error: unknown) => {
    if ((error as Error).message !== message) throw error;
  };
}
