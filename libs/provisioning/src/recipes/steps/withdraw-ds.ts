import { type AdapterOf, type CapabilityMethods, type Clock, PortError, type registrarPort } from '@keelson/core';
import { Pending } from '../../engine/recipe.js';

/** How long resolvers may go on with what a registry said before: DS and NS records of endings live for up to two days. Milliseconds. */
export const registryTtlMs = 48 * 3_600_000;

/** How far the withdrawal is. `withdrawing` is written before anything is done, so that a repetition knows that it has to wait. */
interface WithdrawalNote {
  withdrawing: true;
  /** ISO 8601; once the registry holds none any more. */
  since?: string;
}

type SigningRegistrar = AdapterOf<typeof registrarPort> & CapabilityMethods<typeof registrarPort, 'dnssec'>;

/**
 * Takes the DS records of a domain away and waits until nobody can have them in a cache: a change of keys or name servers before
 * that would make the domain vanish for everybody who validates.
 * @param note of the step, from its last `Pending`
 * @returns what the step has to answer; undefined when there are none, and have been none for long enough
 */
export async function withdrawDs(
  registrar: SigningRegistrar,
  domain: string,
  note: unknown,
  clock: Clock,
): Promise<Pending | undefined> {
  const known = note as WithdrawalNote | undefined;
  const now = clock.now().getTime();
  if (known?.since !== undefined) {
    const until = new Date(Date.parse(known.since) + registryTtlMs);
    return until.getTime() > now ? new Pending(until, leaving, known) : undefined;
  }
  if (known === undefined) {
    const held = await registrar.listDsRecords(domain);
    if (held.length === 0) return undefined;
    return new Pending(atOnce, leaving, { withdrawing: true } satisfies WithdrawalNote);
  }
  await registrar.putDsRecords(domain, []);
  if ((await registrar.listDsRecords(domain)).length > 0) {
    throw new PortError('unavailable', 'The registry still shows the DS records of the domain.');
  }
  const since = clock.now().toISOString();
  return new Pending(new Date(now + registryTtlMs), leaving, { withdrawing: true, since } satisfies WithdrawalNote);
}

const atOnce = new Date(0);
const leaving = 'the DS records of before leave the caches of resolvers';
