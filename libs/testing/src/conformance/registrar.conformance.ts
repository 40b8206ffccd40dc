import { expect } from '@jest/globals';
import { registrarPort, runCall, type CallRecord, type PortError } from '@keelson/core';
import { describeCases } from './conformance-cases.js';
import { expectFailure, expectMethodsOf, expectNoSecret, failureOf } from './failures.js';
import { registrarDomainCases } from './registrar-domains.conformance.js';
import {
  authCode,
  foreignDomain,
  guard,
  nameOf,
  registrant,
  specOf,
  type RegistrarCapability,
  type RegistrarCase,
  type RegistrarEnvironment,
} from './registrar-environment.js';
import { registrarExtraCases } from './registrar-extras.conformance.js';
import { registrarOrderCases } from './registrar-orders.conformance.js';
import { registrarTransferCases } from './registrar-transfers.conformance.js';

export type {
  RegistrarCapability,
  RegistrarCase,
  RegistrarEnvironment,
  RegistrarVendorControl,
} from './registrar-environment.js';

const promptlyMs = 2_000;
const retryable = ['outcome-unknown', 'unavailable'];

const connectionCases: readonly RegistrarCase[] = [
  {
    name: 'accepts right credentials',
    run: async (environment) => {
      expect(await guard(environment).testConnection()).toBeUndefined();
    },
  },
  {
    name: 'reports wrong credentials as invalid-config, whether it reads, acts or spends',
    run: async (environment) => {
      const stranger = guard({ ...environment, adapter: environment.withWrongCredentials });
      const domain = nameOf(environment);
      await expectFailure('invalid-config', () => stranger.testConnection());
      await expectFailure('invalid-config', () => stranger.checkAvailability([domain]));
      await expectFailure('invalid-config', () => stranger.findDomain(domain));
      await expectFailure('invalid-config', () => stranger.registerDomain(specOf(environment)));
      await expectFailure('invalid-config', () => stranger.startTransfer(domain, authCode, registrant));
      await expectFailure('invalid-config', () => stranger.setLock(domain, true));
      expect(await environment.vendor.payments()).toBe(0);
    },
  },
  {
    name: 'has the methods of the port and of the capabilities it declares, and of no others',
    run: async ({ adapter, capabilities }) => expectMethodsOf(registrarPort, capabilities, adapter),
  },
  {
    name: 'does nothing for a caller that has given up',
    run: async (environment) => {
      const gone = AbortSignal.abort();
      const foreign = await foreignDomain(environment);
      const works: (() => Promise<unknown>)[] = [
        () => environment.adapter.registerDomain(specOf(environment)),
        () => environment.adapter.startTransfer(foreign, authCode, registrant),
      ];
      for (const work of works)
        expect(retryable).toContain((await failureOf(() => runCall({ signal: gone }, work))).code);
      expect(await guard(environment).findDomain(nameOf(environment))).toBeUndefined();
      expect(await environment.vendor.payments()).toBe(0);
    },
  },
  {
    name: 'stops at once when the caller gives up, even without the guard',
    run: async (environment) => {
      environment.vendor.slowDown(2 * promptlyMs);
      const works: (() => Promise<unknown>)[] = [
        () => environment.adapter.getBalance(),
        () => environment.adapter.registerDomain(specOf(environment)),
      ];
      for (const work of works) {
        const cancel = new AbortController();
        const started = performance.now();
        const pending = failureOf(() => runCall({ signal: cancel.signal }, work));
        setTimeout(() => cancel.abort(), 50);
        expect(retryable).toContain((await pending).code);
        expect(performance.now() - started).toBeLessThan(promptlyMs);
      }
    },
  },
  {
    name: 'shows no secret in errors and call records, whatever fails',
    run: async (environment) => {
      const records: CallRecord[] = [];
      const record = (call: CallRecord) => void records.push(call);
      const registrar = guard(environment, { record });
      const stranger = guard({ ...environment, adapter: environment.withWrongCredentials }, { record });
      const foreign = await foreignDomain(environment);
      const absent = nameOf(environment, 'absent');
      environment.vendor.loseNextAnswer('registration');
      const works: (() => Promise<unknown>)[] = [
        () => registrar.registerDomain(specOf(environment)),
        () => stranger.testConnection(),
        () => stranger.registerDomain(specOf(environment, 'two')),
        () => stranger.startTransfer(foreign, authCode, registrant),
        () => registrar.startTransfer(absent, authCode, registrant),
        () => registrar.startTransfer(foreign, `${authCode}\n`.repeat(400), registrant),
        () => registrar.setLock(absent, true),
      ];
      const failures: PortError[] = [];
      for (const work of works) failures.push(await failureOf(work));
      environment.vendor.loseNextAnswer('transfer');
      failures.push(await failureOf(() => registrar.startTransfer(foreign, authCode, registrant)));
      expect(records).toHaveLength(failures.length);
      expectNoSecret([failures, records], [authCode, encodeURIComponent(authCode), ...environment.secrets]);
    },
  },
];

/** The suite for an adapter of these capabilities. */
export function registrarCases(capabilities: readonly RegistrarCapability[]): RegistrarCase[] {
  const promised = ({ capability }: RegistrarCase) => capability === undefined || capabilities.includes(capability);
  return [
    ...connectionCases,
    ...registrarDomainCases,
    ...registrarOrderCases,
    ...registrarTransferCases,
    ...registrarExtraCases.filter(promised),
  ];
}

/**
 * Registers all cases for one adapter of the registrar port.
 * @param start a fresh vendor and adapters, for each case anew
 */
export function describeRegistrarAdapter(
  title: string,
  capabilities: readonly RegistrarCapability[],
  start: () => Promise<Omit<RegistrarEnvironment, 'capabilities'>>,
): void {
  describeCases(`${title}: registrar port`, registrarCases(capabilities), async () => ({
    ...(await start()),
    capabilities,
  }));
}
