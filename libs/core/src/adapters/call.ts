import { AsyncLocalStorage } from 'node:async_hooks';
import { setMaxListeners } from 'node:events';

/** What surrounds one call of one adapter method. */
export interface Call {
  /** Fires at the deadline and when the caller gives up. Every network operation of an adapter obeys it. */
  readonly signal: AbortSignal;
  /** Stable over repetitions of the same piece of work, for vendors that know repetition keys. */
  readonly idempotencyKey?: string;
}

// One for all copies of this package: an external plugin may bring its own, and its calls obey our deadlines all the same.
const key = Symbol.for('keelson.calls');
const shared = globalThis as { [key]?: AsyncLocalStorage<Call> };
const calls = (shared[key] ??= new AsyncLocalStorage<Call>());
const never = new AbortController().signal;
setMaxListeners(0, never);

/** The call under way. Outside any call: no deadline, no key. */
export function currentCall(): Call {
  return calls.getStore() ?? { signal: never };
}

/** Runs `work` as one call. */
export function runCall<T>(call: Call, work: () => Promise<T>): Promise<T> {
  // Any number of requests at once may listen to it.
  setMaxListeners(0, call.signal);
  return calls.run(call, work);
}
