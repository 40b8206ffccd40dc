import { PortError } from '../errors/port-error.js';
import type { Account, AccountSpec, UsernameRules } from './provisioner.port.js';

/** Whether an account may have this name. */
export function isUsername(name: string, rules: UsernameRules): boolean {
  const whole = new RegExp(`^(?:${rules.pattern.source})$`, rules.pattern.flags.replace(/[gy]/g, ''));
  return (
    name.length >= rules.minLength &&
    name.length <= rules.maxLength &&
    whole.test(name) &&
    !rules.reserved.includes(name) &&
    !rules.forbiddenPrefixes.some((prefix) => name.startsWith(prefix))
  );
}

/**
 * Checks what no server may be asked for: many make up what is missing, or change what they dislike.
 * @throws PortError `invalid-input` for a name outside the rules, and without domain, e-mail address or password
 */
export function requireAccountSpec({ username, domain, email, password }: AccountSpec, rules: UsernameRules): void {
  if (!isUsername(username, rules)) {
    throw new PortError('invalid-input', 'The server does not accept this account name.');
  }
  if (domain === '' || email === '' || password === '') {
    throw new PortError('invalid-input', 'An account needs a domain, an e-mail address and a password.');
  }
}

/**
 * Whether an account that a server holds is the one that is asked for, so that a repeated creation returns it: its name and domain
 * are those, and it has our id or the e-mail address. Servers may keep several addresses, by commas or blanks.
 */
export function isAccountOf(account: Account, { username, domain, email, externalId }: AccountSpec): boolean {
  const addresses = (account.email ?? '').toLowerCase().split(/[\s,;]+/);
  return (
    account.username === username &&
    account.domain === domain &&
    (account.externalId === externalId || addresses.includes(email.toLowerCase()))
  );
}
