import { expect } from '@jest/globals';
import {
  guardAdapter,
  mailboxPort,
  runCall,
  supports,
  type AdapterOf,
  type CallRecord,
  type CapabilityMethods,
  type CapabilityOf,
  type MailboxPort,
  type MailboxSpec,
  type PortError,
} from '@keelson/core';
import { describeCases, type ConformanceCase, type StoppableEnvironment } from './conformance-cases.js';
import { expectFailure, expectMethodsOf, expectNoSecret, failureOf } from './failures.js';

export type MailboxCapability = CapabilityOf<typeof mailboxPort>;

/** An adapter of the mailbox port in front of a vendor that holds two domains of the suite's and no mailbox in them. */
export interface MailboxEnvironment extends StoppableEnvironment {
  /** As the plugin makes it, without the guard: the cases guard it themselves. */
  adapter: MailboxPort;
  /** The same with credentials that the vendor refuses. */
  withWrongCredentials: MailboxPort;
  capabilities: readonly MailboxCapability[];
  /** Domains that the vendor holds, of two customers. It does not hold `unknown.conformance.example`. */
  domains: readonly [string, string];
  /** Hosting account that the first domain belongs to, where mail lives on a panel. */
  account?: string;
  /** The vendor does what the next creation of a mailbox asks, but its answer is lost. */
  loseNextCreation(): void;
  /** Every call takes so long from now on. */
  slowDown(milliseconds: number): void;
  /** Values that may appear in no error and no call record, such as the token of the connection. */
  secrets: readonly string[];
}

/** A promise of the port; with a capability it is kept by the adapters that declare it. */
export interface MailboxCase extends ConformanceCase<MailboxEnvironment> {
  capability?: MailboxCapability;
}

type Guarded = AdapterOf<typeof mailboxPort>;
type Capable<C extends MailboxCapability> = Guarded & CapabilityMethods<typeof mailboxPort, C>;

const promptlyMs = 2_000;
const password = 'S3cure&=+%"pa ss-Wörd';
const unknownDomain = 'unknown.conformance.example';
const target = 'someone@elsewhere.example';
const otherTarget = 'another@elsewhere.example';

function guard(
  { adapter, capabilities }: Pick<MailboxEnvironment, 'adapter' | 'capabilities'>,
  record?: (call: CallRecord) => void,
): Guarded {
  return guardAdapter(adapter, { connection: 'under test', port: mailboxPort, capabilities, record });
}

function specOf(local: string, { domains: [domain] }: MailboxEnvironment): MailboxSpec {
  return { address: `${local}@${domain}`, password, quotaMb: 512 };
}

/** A case for the adapters that declare the capability. The mailboxes `ann` and `bob` exist when it runs. */
function capable<C extends MailboxCapability>(
  capability: C,
  name: string,
  run: (mailboxes: Capable<C>, environment: MailboxEnvironment) => Promise<void>,
): MailboxCase {
  return {
    name: `${capability}: ${name}`,
    capability,
    run: async (environment) => {
      const mailboxes = guard(environment);
      if (!supports(mailboxes, mailboxPort, capability)) throw new Error(`${capability} is not declared`);
      await mailboxes.ensureMailbox(specOf('ann', environment));
      await mailboxes.ensureMailbox(specOf('bob', environment));
      await run(mailboxes, environment);
    },
  };
}

const mustCases: readonly MailboxCase[] = [
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
      const spec = specOf('ann', environment);
      await expectFailure('invalid-config', () => stranger.testConnection());
      await expectFailure('invalid-config', () => stranger.findMailbox(spec.address));
      await expectFailure('invalid-config', () => stranger.ensureMailbox(spec));
      await expectFailure('invalid-config', () => stranger.removeMailbox(spec.address));
      expect(await guard(environment).listMailboxes(environment.domains[0])).toEqual([]);
    },
  },
  {
    name: 'creates a mailbox, and finds and lists it',
    run: async (environment) => {
      const mailboxes = guard(environment);
      const spec = specOf('ann', environment);
      const wanted = { address: spec.address, quotaMb: 512, suspended: false };
      expect(await mailboxes.ensureMailbox(spec)).toMatchObject(wanted);
      expect(await mailboxes.findMailbox(spec.address)).toMatchObject(wanted);
      expect(await mailboxes.listMailboxes(environment.domains[0])).toMatchObject([wanted]);
      expect(await mailboxes.listMailboxes(environment.domains[1])).toEqual([]);
    },
  },
  {
    name: 'creates a mailbox in the account it is told',
    run: async (environment) => {
      const mailboxes = guard(environment);
      const spec = { ...specOf('ann', environment), account: environment.account };
      await mailboxes.ensureMailbox(spec);
      expect(await mailboxes.findMailbox(spec.address)).toMatchObject({ address: spec.address });
    },
  },
  {
    name: 'confirms a mailbox that exists, and changes nothing',
    run: async (environment) => {
      const mailboxes = guard(environment);
      const spec = specOf('ann', environment);
      await mailboxes.ensureMailbox(spec);
      const before = await mailboxes.findMailbox(spec.address);
      const repeated = await mailboxes.ensureMailbox({ ...spec, password: `${password}2`, quotaMb: 9 });
      expect(repeated).toMatchObject({ address: spec.address, quotaMb: 512 });
      expect(await mailboxes.findMailbox(spec.address)).toEqual(before);
      expect(await mailboxes.listMailboxes(environment.domains[0])).toHaveLength(1);
    },
  },
  {
    name: 'keeps mailboxes of the same name in two domains apart',
    run: async (environment) => {
      const mailboxes = guard(environment);
      const [first, second] = environment.domains.map((domain) => `info@${domain}`) as [string, string];
      for (const address of [first, second]) await mailboxes.ensureMailbox({ address, password });
      await mailboxes.removeMailbox(first);
      expect(await mailboxes.findMailbox(first)).toBeUndefined();
      expect(await mailboxes.findMailbox(second)).toMatchObject({ address: second });
    },
  },
  {
    name: 'finds nothing at addresses that have no mailbox, known domain or not',
    run: async (environment) => {
      const mailboxes = guard(environment);
      await mailboxes.ensureMailbox(specOf('ann', environment));
      for (const address of [`an@${environment.domains[0]}`, `ann@${environment.domains[1]}`, `ann@${unknownDomain}`]) {
        expect(await mailboxes.findMailbox(address)).toBeUndefined();
      }
    },
  },
  {
    name: 'reports an unknown domain as not-found when it creates and lists',
    run: async (environment) => {
      const mailboxes = guard(environment);
      const address = `ann@${unknownDomain}`;
      await expectFailure('not-found', () => mailboxes.ensureMailbox({ address, password }));
      await expectFailure('not-found', () => mailboxes.listMailboxes(unknownDomain));
    },
  },
  {
    name: 'refuses what is no address, and weak passwords, and creates nothing',
    run: async (environment) => {
      const mailboxes = guard(environment);
      const [domain] = environment.domains;
      for (const address of ['', 'ann', `@${domain}`, `a b@${domain}`, `ann@${domain}\r\nbob@${domain}`]) {
        await expectFailure('invalid-input', () => mailboxes.ensureMailbox({ address, password }));
      }
      const weak = { ...specOf('ann', environment), password: 'a' };
      await expectFailure('invalid-input', () => mailboxes.ensureMailbox(weak));
      expect(await mailboxes.listMailboxes(domain)).toEqual([]);
    },
  },
  {
    name: 'sets a password, refuses a weak one, and knows mailboxes that are not there',
    run: async (environment) => {
      const mailboxes = guard(environment);
      const { address } = await mailboxes.ensureMailbox(specOf('ann', environment));
      await mailboxes.setPassword(address, `${password}2`);
      await mailboxes.setPassword(address, `${password}2`);
      await expectFailure('invalid-input', () => mailboxes.setPassword(address, 'a'));
      await expectFailure('not-found', () => mailboxes.setPassword(`x${address}`, password));
      await expectFailure('not-found', () => mailboxes.setPassword(`ann@${unknownDomain}`, password));
    },
  },
  {
    name: 'removes a mailbox as often as asked, leaves the neighbour alone, and can create it again',
    run: async (environment) => {
      const mailboxes = guard(environment);
      const { address } = await mailboxes.ensureMailbox(specOf('ann', environment));
      const neighbour = await mailboxes.ensureMailbox(specOf('bob', environment));
      await mailboxes.removeMailbox(address);
      await mailboxes.removeMailbox(address);
      await mailboxes.removeMailbox(`ann@${unknownDomain}`);
      expect(await mailboxes.listMailboxes(environment.domains[0])).toMatchObject([{ address: neighbour.address }]);
      expect(await mailboxes.ensureMailbox(specOf('ann', environment))).toMatchObject({ address });
    },
  },
  {
    name: 'reports a lost answer as outcome-unknown; the mailbox can then be found, and is adopted by a repetition',
    run: async (environment) => {
      const mailboxes = guard(environment);
      const spec = specOf('ann', environment);
      environment.loseNextCreation();
      await expectFailure('outcome-unknown', () => mailboxes.ensureMailbox(spec));
      expect(await mailboxes.findMailbox(spec.address)).toMatchObject({ address: spec.address });
      expect(await mailboxes.ensureMailbox(spec)).toMatchObject({ address: spec.address });
      expect(await mailboxes.listMailboxes(environment.domains[0])).toHaveLength(1);
    },
  },
  {
    name: 'keeps mailboxes that are made at the same time apart',
    run: async (environment) => {
      const mailboxes = guard(environment);
      const specs = ['a', 'b', 'c', 'd', 'e', 'e'].map((name) => specOf(`box-${name}`, environment));
      const created = await Promise.all(specs.map((spec) => mailboxes.ensureMailbox(spec)));
      expect(created.map(({ address }) => address)).toEqual(specs.map(({ address }) => address));
      const listed = (await mailboxes.listMailboxes(environment.domains[0])).map(({ address }) => address);
      expect(listed.sort()).toEqual(specs.slice(0, 5).map(({ address }) => address));
    },
  },
  {
    name: 'stops at once when the caller gives up, even without the guard',
    run: async (environment) => {
      environment.slowDown(2 * promptlyMs);
      const { adapter, domains } = environment;
      const works: (() => Promise<unknown>)[] = [
        () => adapter.listMailboxes(domains[0]),
        () => adapter.ensureMailbox(specOf('ann', environment)),
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
    run: async ({ adapter, capabilities }) => expectMethodsOf(mailboxPort, capabilities, adapter),
  },
  {
    name: 'shows no secret in errors and call records, whatever fails',
    run: async (environment) => {
      const records: CallRecord[] = [];
      const record = (call: CallRecord) => void records.push(call);
      const mailboxes = guard(environment, record);
      const stranger = guard({ ...environment, adapter: environment.withWrongCredentials }, record);
      const spec = specOf('ann', environment);
      environment.loseNextCreation();
      const works = [
        () => mailboxes.ensureMailbox(spec),
        () => stranger.ensureMailbox(spec),
        () => mailboxes.ensureMailbox({ ...spec, address: `ann@${unknownDomain}` }),
        () => mailboxes.setPassword(`x${spec.address}`, password),
      ];
      const failures: PortError[] = [];
      for (const work of works) failures.push(await failureOf(work));
      expect(records).toHaveLength(works.length);
      expectNoSecret([failures, records], [password, ...environment.secrets]);
    },
  },
];

const extraCases: readonly MailboxCase[] = [
  capable('domains', 'takes a domain into service, as often as asked', async (mailboxes) => {
    await mailboxes.ensureDomain(unknownDomain);
    const { address } = await mailboxes.ensureMailbox({ address: `ann@${unknownDomain}`, password });
    await mailboxes.ensureDomain(unknownDomain);
    expect(await mailboxes.listMailboxes(unknownDomain)).toMatchObject([{ address }]);
    for (const domain of ['', 'no domain', 'ann@one.example', `${unknownDomain}\r\n`]) {
      await expectFailure('invalid-input', () => mailboxes.ensureDomain(domain));
    }
  }),
  capable(
    'domains',
    'removes a domain with all it holds, as often as asked, and leaves the neighbour alone',
    async (mailboxes, { domains: [domain] }) => {
      await mailboxes.ensureDomain(unknownDomain);
      await mailboxes.ensureMailbox({ address: `ann@${unknownDomain}`, password });
      if (supports(mailboxes, mailboxPort, 'forwards')) await mailboxes.putForwards(`to@${unknownDomain}`, [target]);
      await mailboxes.removeDomain(unknownDomain);
      await mailboxes.removeDomain(unknownDomain);
      expect(await mailboxes.findMailbox(`ann@${unknownDomain}`)).toBeUndefined();
      await mailboxes.ensureDomain(unknownDomain);
      expect(await mailboxes.listMailboxes(unknownDomain)).toEqual([]);
      if (supports(mailboxes, mailboxPort, 'forwards')) {
        expect(await mailboxes.listForwards(unknownDomain)).toEqual([]);
      }
      expect(await mailboxes.listMailboxes(domain)).toHaveLength(2);
    },
  ),
  capable(
    'forwards',
    'makes the forwards of one address exactly so, as often as asked',
    async (mailboxes, environment) => {
      const { domains } = environment;
      const [address, neighbour] = [`sales@${domains[0]}`, `bob@${domains[0]}`];
      await mailboxes.putForwards(neighbour, [target]);
      for (const targets of [[target], [target, otherTarget], [target, otherTarget], [otherTarget]]) {
        await mailboxes.putForwards(address, targets);
        const forwards = await mailboxes.listForwards(domains[0]);
        expect(forwards.find((forward) => forward.address === address)?.targets.sort()).toEqual([...targets].sort());
        expect(forwards.find((forward) => forward.address === neighbour)?.targets).toEqual([target]);
      }
      await mailboxes.putForwards(address, []);
      await mailboxes.putForwards(address, []);
      expect(await mailboxes.listForwards(domains[0])).toEqual([{ address: neighbour, targets: [target] }]);
      expect(await mailboxes.listForwards(domains[1])).toEqual([]);
    },
  ),
  capable('forwards', 'reports an unknown domain as not-found', async (mailboxes) => {
    await expectFailure('not-found', () => mailboxes.putForwards(`ann@${unknownDomain}`, [target]));
    await expectFailure('not-found', () => mailboxes.listForwards(unknownDomain));
  }),
  capable('quota', 'sets the quota of one mailbox, 0 being none, as often as asked', async (mailboxes, environment) => {
    const [{ address }, neighbour] = [specOf('ann', environment), specOf('bob', environment)];
    await mailboxes.setQuota(address, 1024);
    await mailboxes.setQuota(address, 1024);
    expect(await mailboxes.findMailbox(address)).toMatchObject({ quotaMb: 1024 });
    await mailboxes.setQuota(address, 0);
    expect((await mailboxes.findMailbox(address))?.quotaMb).toBeUndefined();
    expect(await mailboxes.findMailbox(neighbour.address)).toMatchObject({ quotaMb: 512 });
    await expectFailure('not-found', () => mailboxes.setQuota(`x${address}`, 1));
  }),
  capable(
    'suspend',
    'suspends one mailbox and takes it back, each as often as asked',
    async (mailboxes, environment) => {
      const [{ address }, neighbour] = [specOf('ann', environment), specOf('bob', environment)];
      await mailboxes.suspendMailbox(address);
      await mailboxes.suspendMailbox(address);
      expect(await mailboxes.findMailbox(address)).toMatchObject({ suspended: true });
      expect(await mailboxes.findMailbox(neighbour.address)).toMatchObject({ suspended: false });
      await mailboxes.unsuspendMailbox(address);
      await mailboxes.unsuspendMailbox(address);
      expect(await mailboxes.findMailbox(address)).toMatchObject({ suspended: false });
      await expectFailure('not-found', () => mailboxes.suspendMailbox(`x${address}`));
      await expectFailure('not-found', () => mailboxes.unsuspendMailbox(`x${address}`));
    },
  ),
];

/** The suite for an adapter of these capabilities. */
export function mailboxCases(capabilities: readonly MailboxCapability[]): MailboxCase[] {
  const promised = ({ capability }: MailboxCase) => capability === undefined || capabilities.includes(capability);
  return [...mustCases, ...extraCases.filter(promised)];
}

/**
 * Registers all cases for one adapter of the mailbox port.
 * @param capabilities what the plugin declares for the adapter
 * @param start a fresh vendor and adapters, for each case anew
 */
export function describeMailboxAdapter(
  title: string,
  capabilities: readonly MailboxCapability[],
  start: () => Promise<Omit<MailboxEnvironment, 'capabilities'>>,
): void {
  describeCases(`${title}: mailbox port`, mailboxCases(capabilities), async () => ({
    ...(await start()),
    capabilities,
  }));
}
