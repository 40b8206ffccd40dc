import { PortError } from '../errors/port-error.js';
import type { Account, AccountSpec, UsernameRules } from './provisioner.port.js';

type AccountType = NonNullable<AccountSpec['accountType']>;

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
 * @param accountTypes those that the server has
 * @throws PortError `invalid-input` for a name outside the rules, and without domain, e-mail address or password; `unsupported` for
 *   another type of account
 */
export function requireAccountSpec(
  { username, domain, email, password, accountType = 'standard' }: AccountSpec,
  rules: UsernameRules,
  accountTypes: readonly AccountType[] = ['standard'],
): void {
  if (!isUsername(username, rules)) {
    throw new PortError('invalid-input', 'The server does not accept this account name.');
  }
  if (domain === '' || email === '' || password === '') {
    throw new PortError('invalid-input', 'An account needs a domain, an e-mail address and a password.');
  }
  if (!accountTypes.includes(accountType)) {
    throw new PortError('unsupported', `The server makes no accounts of the type ${accountType}.`);
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

/** The account when it is the one that is asked for. @throws PortError `already-exists` when it is another's */
export function requireAccountOf(account: Account, spec: AccountSpec): Account {
  if (isAccountOf(account, spec)) return account;
  throw new PortError('already-exists', 'The server has another account of this name.');
}

/**
 * Names of accounts that are Linux users, for servers that say no more of them than lengths: lower-case letters and digits, a
 * letter first, and none of the users that a server has by itself.
 */
export function plainUsernameRules({
  minLength,
  maxLength,
}: Pick<UsernameRules, 'minLength' | 'maxLength'>): UsernameRules {
  const pattern = new RegExp(`^[a-z][a-z0-9]{${minLength - 1},${maxLength - 1}}$`);
  return { minLength, maxLength, pattern, reserved: systemUsers, forbiddenPrefixes: [] };
}

const systemUsers = (
  'abuse adm admin administrator apache backup bin daemon dovecot ftp games hostmaster info lp mail mailman mysql named ' +
  'news nginx nobody operator postfix postgres postmaster redis root security sshd support sync sys system webapps ' +
  'webmaster www'
).split(' ');
