import { isPortError } from '../errors/port-error.js';

/**
 * The way of every `ensure…`: looks, creates when nothing is there, and looks once more when the vendor answers that somebody was
 * faster. Decide with the result whether it is ours. When the second look finds nothing either, the refusal passes.
 * @param look undefined when absent
 * @param create not called when `look` finds something
 */
export async function lookOrCreate<T>(look: () => Promise<T | undefined>, create: () => Promise<T>): Promise<T> {
  const present = await look();
  if (present !== undefined) return present;
  try {
    return await create();
  } catch (refusal) {
    if (!isPortError(refusal) || refusal.code !== 'already-exists') throw refusal;
    const raced = await look();
    if (raced === undefined) throw refusal;
    return raced;
  }
}
