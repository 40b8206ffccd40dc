import { isPortError, PortError } from './port-error.js';

/** The result of a call, or undefined when it ends in `not-found`. Every other failure passes. */
export async function unlessAbsent<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (thrown) {
    if (isPortError(thrown) && thrown.code === 'not-found') return undefined;
    throw thrown;
  }
}

/** The thing that was looked for. @throws PortError `not-found` with this message when there is none */
export function orNotFound<T>(found: T | undefined, message: string): T {
  if (found === undefined) throw new PortError('not-found', message);
  return found;
}
