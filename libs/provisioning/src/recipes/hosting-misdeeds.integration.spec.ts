import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { invariants, sound } from '../../test/invariants.js';
import { ProvisioningHarness } from '../../test/provisioning-harness.js';

const circular: Record<string, unknown> = { code: 'E' };
circular['self'] = circular;
const secret = 'password=hunter2';
const thrown: [string, unknown][] = [
  ['undefined', undefined],
  ['null', null],
  ['a string', 'broken'],
  ['an object with a code', { code: 'EBROKEN' }],
  ['a frozen error', Object.freeze(new Error('frozen'))],
  ['a circular object', circular],
  ['an error with a message of a megabyte', new Error('x'.repeat(1_000_000))],
  ['an error with NUL and half a character', new Error('a\0b\ud800')],
  ['an error with a secret', new Error(`refused with ${secret}`)],
];
const makers = [
  ['panel', 'ensureAccount'],
  ['names', 'ensureZone'],
  ['mailboxes', 'ensureMailbox'],
  ['registrar', 'registerDomain'],
] as const;

describe('hosting.provision with plugins that do what none may do', () => {
  let harness: ProvisioningHarness;
  const strays: unknown[] = [];
  const note = (reason: unknown) => void strays.push(reason);

  beforeAll(async () => {
    harness = await ProvisioningHarness.open();
    process.on('unhandledRejection', note);
  }, 120_000);
  afterAll(async () => {
    process.off('unhandledRejection', note);
    await harness?.close();
  });
  beforeEach(() => harness.reset());
  afterEach(() => expect(strays.splice(0)).toEqual([]));

  const order = (more = {}) => harness.order({ domainMode: 'new_registration', ...more });
  const stored = async () =>
    JSON.stringify(
      await harness.dataSource.query('SELECT * FROM provisioning_steps, provisioning_events, provisioning_tasks'),
    );

  it.each(thrown)('that throw %s goes on, with one object each', async (_what, error) => {
    for (const [vendor, method] of makers) {
      harness[vendor].calls.set(
        { method, error, times: 1, when: 'before' },
        { method, error, times: 1, when: 'after' },
      );
    }
    const { taskId } = await order();
    expect(await harness.finish(taskId)).toMatchObject({ status: 'completed', error: null });
    expect(await harness.holdings()).toMatchObject({ accounts: 1, zones: 1, mailboxes: 1, domains: 1, payments: 1 });
    expect(await invariants(harness)).toEqual(sound);
    const text = await stored();
    expect(text).not.toContain('hunter2');
    expect(text.length).toBeLessThan(1_000_000);
  });

  it.each(thrown)('that throw %s every time asks a person, who can have it go on', async (_what, error) => {
    harness.panel.calls.set({ method: 'ensureAccount', error });
    const { taskId } = await order();
    expect(await harness.finish(taskId)).toMatchObject({
      status: 'needs_attention',
      error: 'The provider answered in an unexpected way.',
      errorCode: 'internal',
    });
    expect(await invariants(harness)).toEqual(sound);
    harness.panel.calls.clear();
    await harness.provisioning.retry(taskId);
    expect((await harness.finish(taskId)).status).toBe('completed');
  });

  it('that reject later, when nobody waits any more, disturbs nobody', async () => {
    harness.panel.calls.set({ method: 'ensureAccount', times: 1, delayMs: 5, error: new Error('late') });
    const [one, two] = [await order(), await order({ domain: 'other.example' })];
    const tasks = await Promise.all([one, two].map(({ taskId }) => harness.finish(taskId)));
    expect(tasks.map(({ status }) => status)).toEqual(['completed', 'completed']);
    expect(await invariants(harness)).toEqual(sound);
  });

  describe('that say it is done when it is not', () => {
    it.each([
      ['the account', () => forget(harness.panel.accounts)],
      ['the zone', () => forget(harness.names.zones)],
    ])('does not claim that %s is there: everything is taken back', async (_what, lie) => {
      const { mend } = lie();
      const { taskId } = await order();
      expect((await harness.finish(taskId)).status).toBe('failed');
      mend();
      expect(await invariants(harness)).toEqual(sound);
      expect(await harness.holdings()).toMatchObject({ accounts: 0, zones: 0, mailboxes: 0, domains: 0, payments: 0 });
      await harness.provisioning.retry(taskId);
      expect((await harness.finish(taskId)).status).toBe('completed');
      expect(await invariants(harness)).toEqual(sound);
    });

    it('looks for the domain again and again, and goes on when the registrar shows it', async () => {
      const { mend, show } = forget(harness.registrar.domains);
      const { taskId, serviceId } = await order();
      await harness.runner().drive(taskId);
      expect(await harness.statesOf(taskId)).toMatchObject({ configure_domain: 'waiting' });
      expect(await harness.row('services', serviceId)).toMatchObject({
        degraded: expect.arrayContaining(['configure_domain']),
      });
      mend();
      show();
      expect((await harness.finish(taskId)).status).toBe('completed');
      expect(await harness.row('services', serviceId)).toMatchObject({ degraded: [] });
      expect(await invariants(harness)).toEqual(sound);
    });
  });
});

/** Has a vendor answer as if it kept what it is given, until `mend`. `show` brings to light what it was given. */
function forget<Value>(kept: Map<string, Value>): { mend(): void; show(): void } {
  const hidden = new Map<string, Value>();
  kept.set = (key, value) => {
    hidden.set(key, value);
    return kept;
  };
  return {
    mend: () => void Reflect.deleteProperty(kept, 'set'),
    show: () => hidden.forEach((value, key) => kept.set(key, value)),
  };
}
