import { expect } from '@jest/globals';
import {
  provisionerPort,
  runCall,
  type Account,
  type AccountKey,
  type CallRecord,
  type PortError,
  type ProvisionerPort,
} from '@keelson/core';
import { describeCases } from './conformance-cases.js';
import { expectFailure, expectMethodsOf, expectNoSecret, failureOf } from './failures.js';
import {
  guard,
  password,
  specOf,
  type ProvisionerCapability,
  type ProvisionerCase,
  type ProvisionerEnvironment,
} from './provisioner-environment.js';
import { provisionerExtraCases } from './provisioner-extras.conformance.js';

export type { ProvisionerCapability, ProvisionerCase, ProvisionerEnvironment } from './provisioner-environment.js';

const promptlyMs = 2_000;
const numbers = [0, 1, 2, 3, 4, 5, 6, 7] as const;

/** All accounts, page by page. */
async function listAll(adapter: ProvisionerPort): Promise<Account[]> {
  const accounts: Account[] = [];
  let cursor: string | undefined;
  do {
    const page = await adapter.listAccounts(cursor);
    accounts.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return accounts;
}

const mustCases: readonly ProvisionerCase[] = [
  {
    name: 'accepts right credentials',
    run: async (environment) => {
      expect(await guard(environment).testConnection()).toBeUndefined();
    },
  },
  {
    name: 'reports wrong credentials as invalid-config, whether it reads or acts',
    run: async (environment) => {
      const stranger = guard({ ...environment, adapter: environment.withWrongCredentials });
      await expectFailure('invalid-config', () => stranger.testConnection());
      await expectFailure('invalid-config', () => stranger.findAccount({ username: 'k0conform' }));
      await expectFailure('invalid-config', () => stranger.ensureAccount(specOf(0, environment)));
      await expectFailure('invalid-config', () => stranger.removeAccount('k0conform'));
      expect(await listAll(guard(environment))).toEqual([]);
    },
  },
  {
    name: 'lists packages by name, with limits in megabytes',
    run: async (environment) => {
      const packages = await guard(environment).listPackages();
      expect(packages.map(({ name }) => name)).toEqual(expect.arrayContaining([...environment.packages]));
      for (const { diskMb = 1, bandwidthMb = 1 } of packages) expect(Math.min(diskMb, bandwidthMb)).toBeGreaterThan(0);
    },
  },
  {
    name: 'refuses names that its own rules exclude',
    run: async (environment) => {
      const provisioner = guard(environment);
      const rules = await provisioner.usernameRules();
      const spec = specOf(0, environment);
      expect(spec.username).toMatch(rules.pattern);
      const excluded = [
        'a'.repeat(rules.maxLength + 1),
        'no spaces',
        '',
        ...rules.reserved.slice(0, 3),
        ...rules.forbiddenPrefixes.map((prefix) => `${prefix}k0`),
      ];
      for (const username of excluded) {
        await expectFailure('invalid-input', () => provisioner.ensureAccount({ ...spec, username }));
      }
      expect(await listAll(provisioner)).toEqual([]);
    },
  },
  {
    name: 'creates an account and finds it by user name and by domain',
    run: async (environment) => {
      const provisioner = guard(environment);
      const spec = specOf(0, environment);
      const created = await provisioner.ensureAccount(spec);
      const { username, domain, email } = spec;
      const wanted = { username, domain, email, package: spec.package, state: 'active' };
      expect(created).toMatchObject(wanted);
      expect(created.remoteId).not.toBe('');
      for (const key of [{ username }, { domain }]) {
        const found = await provisioner.findAccount(key);
        expect(found).toMatchObject({ ...wanted, remoteId: created.remoteId });
        expect([found?.ip, found?.nameservers]).toEqual([created.ip, created.nameservers]);
      }
    },
  },
  {
    name: 'finds an account by our id where it shows that the vendor keeps it',
    run: async (environment) => {
      const provisioner = guard(environment);
      const created = await provisioner.ensureAccount(specOf(0, environment));
      const found = await provisioner.findAccount({ externalId: specOf(0, environment).externalId });
      expect(found?.username).toBe(created.externalId === undefined ? undefined : created.username);
    },
  },
  {
    name: 'finds nothing by keys that no account has',
    run: async (environment) => {
      const provisioner = guard(environment);
      await provisioner.ensureAccount(specOf(0, environment));
      const { username, domain, externalId } = specOf(1, environment);
      const keys: AccountKey[] = [
        { username },
        { domain },
        { externalId },
        { username: 'k0conf' },
        { domain: 'example' },
      ];
      for (const key of keys) expect(await provisioner.findAccount(key)).toBeUndefined();
    },
  },
  {
    name: 'returns the same account when the creation is repeated, and changes nothing',
    run: async (environment) => {
      const provisioner = guard(environment);
      const spec = specOf(0, environment);
      const created = await provisioner.ensureAccount(spec);
      const repeated = await provisioner.ensureAccount({
        ...spec,
        package: environment.packages[1],
        password: `${password}2`,
      });
      expect(repeated).toEqual(created);
      expect(await listAll(provisioner)).toHaveLength(1);
    },
  },
  {
    name: 'reports names and domains of other accounts as already-exists, and never takes them over',
    run: async (environment) => {
      const provisioner = guard(environment);
      const theirs = { ...specOf(0, environment), email: 'someone@else.example', externalId: 'srv_foreign' };
      await provisioner.ensureAccount(theirs);
      const before = await provisioner.findAccount({ username: theirs.username });
      const ours = specOf(0, environment);
      const conflicts = [ours, { ...ours, domain: 'k1.conformance.example' }, { ...ours, username: 'k1conform' }];
      for (const spec of conflicts) await expectFailure('already-exists', () => provisioner.ensureAccount(spec));
      expect(await provisioner.findAccount({ username: theirs.username })).toEqual(before);
      expect(await listAll(provisioner)).toHaveLength(1);
    },
  },
  {
    name: 'reports unknown packages and weak passwords as invalid-input, and creates nothing',
    run: async (environment) => {
      const provisioner = guard(environment);
      const spec = specOf(0, environment);
      for (const wrong of [{ package: 'no-such-package' }, { password: 'a' }, { domain: '' }]) {
        await expectFailure('invalid-input', () => provisioner.ensureAccount({ ...spec, ...wrong }));
      }
      expect(await listAll(provisioner)).toEqual([]);
    },
  },
  {
    name: 'lists every account exactly once',
    run: async (environment) => {
      const provisioner = guard(environment);
      for (const n of numbers) await provisioner.ensureAccount(specOf(n, environment));
      const names = (await listAll(provisioner)).map(({ username }) => username);
      expect(names.sort()).toEqual(numbers.map((n) => specOf(n, environment).username));
    },
  },
  {
    name: 'suspends with a reason and takes it back, each as often as asked, and leaves the neighbour alone',
    run: async (environment) => {
      const provisioner = guard(environment);
      const [{ username }, neighbour] = [specOf(0, environment), specOf(1, environment)];
      const reason = 'Invoice 2026-0001 & others are overdue';
      await provisioner.ensureAccount(specOf(0, environment));
      await provisioner.ensureAccount(neighbour);
      for (let repetition = 0; repetition < 2; repetition += 1) {
        await provisioner.suspendAccount(username, reason);
        const found = await provisioner.findAccount({ username });
        const shown = environment.forgetsReasons ? undefined : reason;
        expect([found?.state, found?.suspendReason]).toEqual(['suspended', shown]);
      }
      expect(await provisioner.findAccount({ username: neighbour.username })).toMatchObject({ state: 'active' });
      for (let repetition = 0; repetition < 2; repetition += 1) {
        await provisioner.unsuspendAccount(username);
        const found = await provisioner.findAccount({ username });
        expect([found?.state, found?.suspendReason]).toEqual(['active', undefined]);
      }
    },
  },
  {
    name: 'reports an account that is not there as not-found when it is suspended or unsuspended',
    run: async (environment) => {
      const provisioner = guard(environment);
      await expectFailure('not-found', () => provisioner.suspendAccount('k7conform', 'overdue'));
      await expectFailure('not-found', () => provisioner.unsuspendAccount('k7conform'));
    },
  },
  {
    name: 'removes an account as often as asked, leaves the neighbour alone, and can create it again',
    run: async (environment) => {
      const provisioner = guard(environment);
      const [spec, neighbour] = [specOf(0, environment), specOf(1, environment)];
      await provisioner.ensureAccount(spec);
      await provisioner.ensureAccount(neighbour);
      await provisioner.removeAccount(spec.username);
      await provisioner.removeAccount(spec.username);
      expect(await provisioner.findAccount({ username: spec.username })).toBeUndefined();
      expect((await listAll(provisioner)).map(({ username }) => username)).toEqual([neighbour.username]);
      expect(await provisioner.ensureAccount(spec)).toMatchObject({ username: spec.username, state: 'active' });
    },
  },
  {
    name: 'reports a lost answer as outcome-unknown; the account can then be found, and is adopted by a repetition',
    run: async (environment) => {
      const provisioner = guard(environment);
      const spec = specOf(0, environment);
      environment.loseNextCreation();
      await expectFailure('outcome-unknown', () => provisioner.ensureAccount(spec));
      const found = await provisioner.findAccount({ username: spec.username });
      expect(found).toMatchObject({ domain: spec.domain, email: spec.email });
      expect(await provisioner.ensureAccount(spec)).toEqual(found);
      expect(await listAll(provisioner)).toHaveLength(1);
    },
  },
  {
    name: 'keeps accounts that are made and changed at the same time apart',
    run: async (environment) => {
      const provisioner = guard(environment);
      const specs = numbers.map((n) => specOf(n, environment));
      const created = await Promise.all(specs.map((spec) => provisioner.ensureAccount(spec)));
      expect(created.map(({ username, domain }) => [username, domain])).toEqual(
        specs.map(({ username, domain }) => [username, domain]),
      );
      const odd = specs.filter((_, index) => index % 2 === 1);
      await Promise.all(odd.map(({ username }) => provisioner.suspendAccount(username, 'overdue')));
      const found = await Promise.all(specs.map(({ username }) => provisioner.findAccount({ username })));
      expect(found.map((one) => one?.state)).toEqual(
        specs.map((spec) => (odd.includes(spec) ? 'suspended' : 'active')),
      );
    },
  },
  {
    name: 'makes one account of the same creation asked for twice at the same time',
    run: async (environment) => {
      const provisioner = guard(environment);
      const spec = specOf(0, environment);
      const [first, second] = await Promise.all([provisioner.ensureAccount(spec), provisioner.ensureAccount(spec)]);
      expect(second).toEqual(first);
      expect(await listAll(provisioner)).toHaveLength(1);
    },
  },
  {
    name: 'stops at once when the caller gives up, even without the guard',
    run: async (environment) => {
      environment.slowDown(2 * promptlyMs);
      const { adapter } = environment;
      const works: (() => Promise<unknown>)[] = [
        () => adapter.listAccounts(),
        () => adapter.ensureAccount(specOf(0, environment)),
      ];
      for (const work of works) {
        const cancel = new AbortController();
        const started = performance.now();
        const pending = failureOf(() => runCall({ signal: cancel.signal }, work));
        setTimeout(() => cancel.abort(), 50);
        expect(['unavailable', 'outcome-unknown']).toContain((await pending).code);
        expect(performance.now() - started).toBeLessThan(promptlyMs);
      }
    },
  },
  {
    name: 'has the methods of the port and of the capabilities it declares, and of no others',
    run: async ({ adapter, capabilities }) => expectMethodsOf(provisionerPort, capabilities, adapter),
  },
  {
    name: 'shows no secret in errors and call records, whatever fails',
    run: async (environment) => {
      const records: CallRecord[] = [];
      const record = (call: CallRecord) => void records.push(call);
      const provisioner = guard(environment, { record });
      const stranger = guard({ ...environment, adapter: environment.withWrongCredentials }, { record });
      const spec = specOf(0, environment);
      environment.loseNextCreation();
      const failures: PortError[] = [await failureOf(() => provisioner.ensureAccount(spec))];
      await provisioner.ensureAccount(spec);
      const works = [
        () => stranger.ensureAccount(spec),
        () => provisioner.ensureAccount({ ...specOf(1, environment), package: 'no-such-package' }),
        () => provisioner.ensureAccount({ ...specOf(1, environment), domain: '' }),
        () => provisioner.suspendAccount('k7conform', 'overdue'),
      ];
      for (const work of works) failures.push(await failureOf(work));
      expect(records).toHaveLength(failures.length + 1);
      expectNoSecret([failures, records], [password, ...environment.secrets]);
    },
  },
];

/** The suite for an adapter of these capabilities. */
export function provisionerCases(capabilities: readonly ProvisionerCapability[]): ProvisionerCase[] {
  const promised = ({ capability }: ProvisionerCase) => capability === undefined || capabilities.includes(capability);
  return [...mustCases, ...provisionerExtraCases.filter(promised)];
}

/**
 * Registers all cases for one adapter of the provisioner port.
 * @param capabilities what the plugin declares for the adapter
 * @param start a fresh vendor and adapters, for each case anew
 */
export function describeProvisionerAdapter(
  title: string,
  capabilities: readonly ProvisionerCapability[],
  start: () => Promise<Omit<ProvisionerEnvironment, 'capabilities'>>,
): void {
  describeCases(`${title}: provisioner port`, provisionerCases(capabilities), async () => ({
    ...(await start()),
    capabilities,
  }));
}
