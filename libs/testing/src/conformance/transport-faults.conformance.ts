import { expect } from '@jest/globals';
import {
  guardAdapter,
  isPortError,
  runCall,
  type AdapterOf,
  type AnyPort,
  type CallRecord,
  type CapabilityOf,
  type MustOf,
  type PortError,
  type PortErrorCode,
} from '@keelson/core';
import { expectNoSecret, failureOf } from './failures.js';
import type { Fault, FaultSwitches } from '../simulator/index.js';
import { describeCases, type ConformanceCase, type StoppableEnvironment } from './conformance-cases.js';

/** An adapter that speaks HTTP, in front of a simulator with fault switches. */
export interface TransportFaultsEnvironment<P extends AnyPort> extends StoppableEnvironment {
  port: P;
  /** As the plugin makes it, without the guard: the cases guard it themselves. */
  adapter: MustOf<P>;
  capabilities: readonly CapabilityOf<P>[];
  faults: FaultSwitches;
  /** Values that may appear in no error and no call record, such as the API key of the connection. */
  secrets: readonly string[];
  /** A call that only reads and sends at least one request. */
  read(adapter: MustOf<P>): Promise<unknown>;
  /** A call that creates something, always the same thing. Repeating it adopts what is there. */
  act(adapter: MustOf<P>): Promise<unknown>;
  /** Text in the operation or path of the one request of `act` that changes the vendor's state, such as `POST /zones`. */
  acting: string;
  /** Fails unless the vendor now holds what `act` makes, exactly once. Asks the simulator, not the adapter. */
  verifyActedOnce(): Promise<void>;
}

type Case = ConformanceCase<TransportFaultsEnvironment<AnyPort>>;

const retryable: readonly PortErrorCode[] = ['outcome-unknown', 'unavailable', 'rate-limited'];
const deadlineMs = 400;
/** A call that must end at a deadline or an abort may take this long: far below the fault, far above a busy machine's jitter. */
const promptlyMs = 4_000;
const faultsOfAct: readonly Fault[] = [
  { kind: 'rate-limit' },
  { kind: 'server-error' },
  { kind: 'unavailable' },
  { kind: 'html' },
  { kind: 'drop-before' },
  { kind: 'drop-after' },
];

/** What holds for every adapter of every port that reaches its vendor over HTTP. */
export const transportFaultCases: readonly Case[] = [
  {
    name: 'reports 429 with Retry-After as rate-limited, with the time to wait',
    run: async (environment) => {
      const fault: Fault = { kind: 'rate-limit', value: 7 };
      expect(await failureOfRead(environment, fault)).toMatchObject({
        code: 'rate-limited',
        retryAfterMs: 7_000,
      });
      expect(await failureOfAct(environment, fault)).toMatchObject({
        code: 'rate-limited',
        retryAfterMs: 7_000,
      });
      await actsAtLast(environment);
    },
  },
  {
    name: 'reports 429 without Retry-After as rate-limited, with no time',
    run: async (environment) => {
      const failure = await failureOfAct(environment, {
        kind: 'rate-limit-silent',
      });
      expect(failure).toMatchObject({ code: 'rate-limited' });
      expect(failure.retryAfterMs).toBeUndefined();
      await actsAtLast(environment);
    },
  },
  {
    name: 'reports 500 to an acting call with a code that is looked into, never a final one',
    run: async (environment) => {
      const { code } = await failureOfAct(environment, {
        kind: 'server-error',
      });
      expect(['outcome-unknown', 'unavailable']).toContain(code);
      await actsAtLast(environment);
    },
  },
  {
    name: 'reports 503 as unavailable',
    run: async (environment) => {
      expect(await failureOfRead(environment, { kind: 'unavailable' })).toMatchObject({ code: 'unavailable' });
      expect(await failureOfAct(environment, { kind: 'unavailable' })).toMatchObject({ code: 'unavailable' });
      await actsAtLast(environment);
    },
  },
  {
    name: 'takes a page of HTML for no answer',
    run: async (environment) => {
      expect(await failureOfRead(environment, { kind: 'html' })).toMatchObject({
        code: 'unavailable',
      });
      expect(['outcome-unknown', 'internal']).toContain((await failureOfAct(environment, { kind: 'html' })).code);
      await actsAtLast(environment);
    },
  },
  {
    name: 'takes a truncated body for no answer',
    run: async (environment) => {
      expect(await failureOfRead(environment, { kind: 'truncated' })).toMatchObject({ code: 'unavailable' });
      environment.faults.set({ kind: 'truncated', match: environment.acting });
      // An answer without a body cannot be truncated, so that success is right then.
      const failure = await failureIfAny(() => call(environment, environment.act));
      if (failure !== undefined) expect(['outcome-unknown', 'internal']).toContain(failure.code);
      await actsAtLast(environment);
    },
  },
  {
    name: 'cuts off a body of 100 MB',
    run: async (environment) => {
      expect(await failureOfRead(environment, { kind: 'huge' })).toMatchObject({
        code: 'unavailable',
      });
      expect(['outcome-unknown', 'internal']).toContain((await failureOfAct(environment, { kind: 'huge' })).code);
      await actsAtLast(environment);
    },
  },
  {
    name: 'ends at the deadline when the answer drips in',
    run: async (environment) => {
      const guarded = guard(environment, { deadlineMs });
      const reading = await promptly(() => failureOfRead(environment, { kind: 'slow-drip' }, guarded));
      expect(reading).toMatchObject({ code: 'unavailable' });
      const acting = await promptly(() => failureOfAct(environment, { kind: 'slow-drip' }, guarded));
      expect(acting).toMatchObject({ code: 'outcome-unknown' });
      await actsAtLast(environment);
    },
  },
  {
    name: 'reports a connection dropped before the vendor acted as unknown or unavailable, and the repetition acts',
    run: async (environment) => {
      const { code } = await failureOfAct(environment, { kind: 'drop-before' });
      expect(['outcome-unknown', 'unavailable']).toContain(code);
      await actsAtLast(environment);
    },
  },
  {
    name: 'reports a connection dropped after the vendor acted as outcome-unknown, and the repetition adopts',
    run: async (environment) => {
      expect(await failureOfAct(environment, { kind: 'drop-after' })).toMatchObject({ code: 'outcome-unknown' });
      await environment.verifyActedOnce();
      await actsAtLast(environment);
    },
  },
  {
    name: 'stops at once when the caller gives up, even without the guard',
    run: async (environment) => {
      for (const work of [environment.read, environment.act]) {
        environment.faults.set({ kind: 'latency', value: 2 * promptlyMs });
        const cancel = new AbortController();
        const pending = failureOf(() => runCall({ signal: cancel.signal }, () => work(environment.adapter)));
        setTimeout(() => cancel.abort(), 100);
        const failure = await promptly(() => pending);
        expect(retryable).toContain(failure.code);
        environment.faults.clear();
      }
    },
  },
  {
    name: 'recovers by itself once the fault is gone',
    run: async (environment) => {
      const guarded = guard(environment);
      for (const fault of faultsOfAct) await failureOfRead(environment, fault, guarded);
      await call(environment, environment.read, guarded);
    },
  },
  {
    name: 'shows no secret in errors and call records, whatever fails',
    run: async (environment) => {
      const records: CallRecord[] = [];
      const guarded = guard(environment, {
        record: (record) => records.push(record),
      });
      const failures: (PortError | undefined)[] = [];
      for (const fault of faultsOfAct) {
        failures.push(await failureOfRead(environment, fault, guarded));
        environment.faults.set({
          ...fault,
          match: environment.acting,
          times: 1,
        });
        failures.push(await failureIfAny(() => call(environment, environment.act, guarded)));
        environment.faults.clear();
      }
      expect(records.length).toBeGreaterThan(faultsOfAct.length);
      expectNoSecret([failures, records], environment.secrets);
    },
  },
];

/**
 * Registers all cases for one adapter. Every adapter that speaks HTTP runs it beside the suite of its port.
 * @param start a fresh simulator and adapter, for each case anew
 */
export function describeTransportFaults<P extends AnyPort>(
  title: string,
  start: () => Promise<TransportFaultsEnvironment<P>>,
): void {
  // Every port's environment serves the cases: they hand the adapter back to `read` and `act` and never call it themselves.
  const startAny = start as unknown as () => Promise<TransportFaultsEnvironment<AnyPort>>;
  describeCases(`${title}: transport faults`, transportFaultCases, startAny);
}

type Environment = TransportFaultsEnvironment<AnyPort>;
type Work = Environment['read'];

function guard(
  { adapter, port, capabilities }: Environment,
  options: { deadlineMs?: number; record?: (record: CallRecord) => void } = {},
): AdapterOf<AnyPort> {
  return guardAdapter(adapter as object, {
    connection: 'under test',
    port,
    capabilities,
    ...options,
  });
}

/** One guarded call. The repetition key stays the same, as it does for the repetitions of one step. */
function call(environment: Environment, work: Work, adapter = guard(environment)): Promise<unknown> {
  const { signal } = new AbortController();
  return runCall({ signal, idempotencyKey: 'transport-faults' }, () => work(adapter));
}

async function failureOfRead(environment: Environment, fault: Fault, adapter?: AdapterOf<AnyPort>): Promise<PortError> {
  environment.faults.set(fault);
  const failure = await failureOf(() => call(environment, environment.read, adapter));
  environment.faults.clear();
  return failure;
}

async function failureOfAct(environment: Environment, fault: Fault, adapter?: AdapterOf<AnyPort>): Promise<PortError> {
  environment.faults.set({ ...fault, match: environment.acting });
  const failure = await failureOf(() => call(environment, environment.act, adapter));
  environment.faults.clear();
  return failure;
}

/** Without faults the same call succeeds, and the vendor holds one object, not two. */
async function actsAtLast(environment: Environment): Promise<void> {
  environment.faults.clear();
  await call(environment, environment.act);
  await environment.verifyActedOnce();
}

/** The `PortError` of a call, undefined when it succeeded. Anything else that is thrown fails the case. */
async function failureIfAny(work: () => Promise<unknown>): Promise<PortError | undefined> {
  try {
    await work();
    return undefined;
  } catch (thrown) {
    if (isPortError(thrown)) return thrown;
    throw thrown;
  }
}

async function promptly<T>(work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const result = await work();
  expect(performance.now() - started).toBeLessThan(promptlyMs);
  return result;
}
