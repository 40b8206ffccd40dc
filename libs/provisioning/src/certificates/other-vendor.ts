import { normalise, PortError } from '@keelson/core';

/**
 * Calls a vendor beside the one that the step is let through to. Its failures stay what they are, but say nothing about the step's
 * own connection: a panel that is down must not close the gate of the certificate authority.
 */
export async function atOtherVendor<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    const { code, message, retryAfterMs, details } = normalise(thrown);
    throw new PortError(code, message, { retryAfterMs, details, alone: true, cause: thrown });
  }
}
