import { isPortError } from './port-error.js';

/** The result of a call, or undefined when it ends in `not-found`. Every other failure passes. */
export async function unlessAbsent<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (thrown) {
    if (isPortError(thrown) && thrown.code === 'not-found') return undefined;
    throw thrown;
  }
}
