import { inspect } from 'node:util';
import { expect } from '@jest/globals';
import { isPortError, type AnyPort, type PortError, type PortErrorCode } from '@keelson/core';

/** The `PortError` that a call ends in. Fails when it succeeds, or throws anything else. */
export async function failureOf(work: () => Promise<unknown>): Promise<PortError> {
  let result: unknown;
  try {
    result = await work();
  } catch (thrown) {
    if (isPortError(thrown)) return thrown;
    throw thrown;
  }
  throw new Error(`expected a PortError, but the call answered ${inspect(result)}`);
}

/** Fails unless the call ends in this code. */
export async function expectFailure(code: PortErrorCode, work: () => Promise<unknown>): Promise<PortError> {
  const failure = await failureOf(work);
  expect(failure).toMatchObject({ code });
  return failure;
}

/** Fails unless the adapter has every method of the port and of its capabilities, and none of a capability it does not declare. */
export function expectMethodsOf(port: AnyPort, capabilities: readonly string[], adapter: object): void {
  const methods = adapter as Record<string, unknown>;
  const has = (name: string) => typeof methods[name] === 'function';
  expect(port.methods.filter((name) => !has(name))).toEqual([]);
  for (const [capability, names] of Object.entries(port.capabilities as Record<string, readonly string[]>)) {
    const declared = capabilities.includes(capability);
    expect({ capability, wrong: names.filter((name) => has(name) !== declared) }).toEqual({ capability, wrong: [] });
  }
}

/** Fails when one of the secrets shows in what was thrown or recorded. */
export function expectNoSecret(shown: unknown, secrets: readonly string[]): void {
  const text = inspect(shown, { depth: 12, showHidden: true, maxStringLength: null, maxArrayLength: null });
  for (const secret of secrets) expect({ secret, shown: text.includes(secret) }).toEqual({ secret, shown: false });
}
