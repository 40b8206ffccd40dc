import { describe, it } from '@jest/globals';

/** One promise of a port, as data: a suite is a list of them, so that no adapter can drop one unnoticed. */
export interface ConformanceCase<Environment> {
  /** A sentence about behaviour; unique in its suite. */
  name: string;
  /** Resolves when the promise is kept; throws otherwise. */
  run(environment: Environment): Promise<void>;
}

/** What a case runs in: made afresh for each one, and stopped after it. */
export interface StoppableEnvironment {
  stop(): Promise<void>;
}

/** Enough for a real server and a 100 MB body on a busy machine; a case that hangs still ends. */
const timeoutMs = 30_000;

/** Registers every case as a Jest test of its own, each in a fresh environment. */
export function describeCases<Environment extends StoppableEnvironment>(
  title: string,
  cases: readonly ConformanceCase<Environment>[],
  start: () => Promise<Environment>,
): void {
  describe(title, () => {
    for (const { name, run } of cases) {
      it(name, () => runCase({ name, run }, start), timeoutMs);
    }
  });
}

/**
 * Runs every case without Jest's registration and returns the names of those that failed, in order. With it a suite proves
 * that it catches adapters that break a promise.
 */
export async function failingCases<Environment extends StoppableEnvironment>(
  cases: readonly ConformanceCase<Environment>[],
  start: () => Promise<Environment>,
): Promise<string[]> {
  const failed: string[] = [];
  for (const one of cases) {
    try {
      await runCase(one, start);
    } catch {
      failed.push(one.name);
    }
  }
  return failed;
}

async function runCase<Environment extends StoppableEnvironment>(
  one: ConformanceCase<Environment>,
  start: () => Promise<Environment>,
): Promise<void> {
  const environment = await start();
  try {
    await one.run(environment);
  } finally {
    await environment.stop();
  }
}
