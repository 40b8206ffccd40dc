import { setTimeout as sleep } from 'node:timers/promises';
import { isPortError } from '@keelson/core';

export interface Pace {
  /** Milliseconds from the begin of one call to the begin of the next. */
  everyMs: number;
  /** Longest pause that a vendor may ask for; beyond it the look is given up. */
  patienceMs: number;
  /** Times that one call is made in all. */
  tries: number;
}

export const defaultPace: Pace = { everyMs: 0, patienceMs: 90_000, tries: 5 };

/**
 * The same adapter, for looks that make many calls: it takes its time between them, and waits and asks again when the vendor says that
 * it was too fast. For methods that only read. Anything else that goes wrong is thrown as it is.
 */
export function pacedAdapter<A extends object>(adapter: A, pace: Pace = defaultPace, wait: typeof pause = pause): A {
  let next = 0;
  const call = async (work: () => Promise<unknown>): Promise<unknown> => {
    for (let tried = 1; ; tried += 1) {
      const now = performance.now();
      const ahead = Math.max(0, next - now);
      next = now + ahead + pace.everyMs;
      if (ahead > 0) await wait(ahead);
      try {
        return await work();
      } catch (thrown) {
        if (!isPortError(thrown) || thrown.code !== 'rate-limited' || tried >= pace.tries) throw thrown;
        const pauseMs = thrown.retryAfterMs ?? 1000 * 2 ** tried;
        if (pauseMs > pace.patienceMs) throw thrown;
        await wait(pauseMs);
      }
    }
  };
  return new Proxy(adapter, {
    get: (target, name): unknown => {
      const value = Reflect.get(target, name) as unknown;
      if (typeof name === 'symbol' || typeof value !== 'function') return value;
      return (...args: unknown[]) => call(() => (value as (...all: unknown[]) => Promise<unknown>).apply(target, args));
    },
  });
}

function pause(ms: number): Promise<void> {
  return sleep(ms);
}
