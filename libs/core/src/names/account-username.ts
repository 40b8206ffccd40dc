import { createHash } from 'node:crypto';
import { PortError } from '../errors/port-error.js';
import { isUsername } from '../ports/account-spec.js';
import type { UsernameRules } from '../ports/provisioner.port.js';

/** No vowels, so that no words come out, and no look-alikes. */
const letters = 'bcdfghjkmnpqrstvwxz';
const characters = `${letters}23456789`;
const seedsPerAttempt = 32;

/**
 * A name for the account of a service, the same at every repetition. A few letters of the domain make it recognisable, the rest is a
 * hash of the service id, so that two services do not meet: all of it lies in the part that the vendor wants unique.
 * @param domain normalised domain name
 * @param attempt 1, 2, … give further candidates, for when the vendor says that a name is taken
 * @throws PortError `invalid-config` when no name satisfies the rules
 */
export function deriveUsername(serviceId: string, domain: string, rules: UsernameRules, attempt = 0): string {
  const length = Math.max(rules.minLength, Math.min(rules.maxLength, rules.uniquePrefixLength ?? 16, 16));
  for (let seed = 0; seed < seedsPerAttempt; seed += 1) {
    const stem = seed < seedsPerAttempt / 2 ? stemOf(domain, length) : '';
    const name = stem + hashText(`${serviceId}:${attempt}:${seed}`, length - stem.length, stem === '');
    if (isUsername(name, rules)) return name;
  }
  throw new PortError('invalid-config', 'No account name satisfies the rules of this server.');
}

/** Up to three letters of the domain; at least six characters are left for the hash. */
function stemOf(domain: string, length: number): string {
  const label = domain.split('.')[0] ?? '';
  const plain = label.startsWith('xn--') ? '' : label.replace(/[^a-z]/g, '');
  return plain.slice(0, Math.max(0, Math.min(3, length - 6)));
}

function hashText(seed: string, length: number, letterFirst: boolean): string {
  const bytes = createHash('sha512').update(seed).digest();
  return Array.from({ length }, (_, index) => {
    const alphabet = index === 0 && letterFirst ? letters : characters;
    return alphabet.charAt(bytes.readUInt16BE(index * 2) % alphabet.length);
  }).join('');
}
