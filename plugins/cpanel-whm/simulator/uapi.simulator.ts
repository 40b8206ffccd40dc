import { find, hashOf, requireStrong } from './whm-accounts.simulator.js';
import {
  Refusal,
  type SimulatedAccount,
  type SimulatedMailbox,
  type WhmAnswer,
  type WhmCall,
} from './whm-state.types.js';

type Args = Record<string, string>;
type UapiFunction = (account: SimulatedAccount, args: Args) => WhmAnswer;

const changed: WhmAnswer = { data: null, changed: true };

/** Functions of UAPI, as `Module::function`. */
export const uapiFunctions: Readonly<Record<string, UapiFunction>> = {
  'Email::list_pops_with_disk': (account, { domain }) => ({
    data: [
      { email: 'Main Account', login: 'Main Account', suspended_login: 0 },
      ...Object.entries(account.mailboxes)
        .filter(([address]) => domain === undefined || address.endsWith(`@${domain}`))
        .map(([address, mailbox]) => mailboxItem(address, mailbox)),
    ],
  }),
  'Email::add_pop': (account, args) => {
    const address = addressOf(account, args);
    if (address in account.mailboxes) throw new Refusal(`The account ${address} already exists!`);
    const passwordHash = hashOf(requireStrong(args.password ?? ''));
    const quotaMb = Number(args.quota ?? 250);
    account.mailboxes[address] = { passwordHash, quotaMb, usedBytes: 0, suspended: false };
    return { data: address.replace('@', '+'), changed: true };
  },
  'Email::passwd_pop': (account, args) => {
    mailboxOf(account, addressOf(account, args)).passwordHash = hashOf(requireStrong(args.password ?? ''));
    return changed;
  },
  'Email::edit_pop_quota': (account, args) => {
    mailboxOf(account, addressOf(account, args)).quotaMb = Number(args.quota ?? 0);
    return changed;
  },
  'Email::delete_pop': (account, args) => {
    const address = addressOf(account, args);
    mailboxOf(account, address);
    delete account.mailboxes[address];
    return changed;
  },
  'Email::suspend_login': (account, { email = '' }) => {
    mailboxOf(account, email).suspended = true;
    return changed;
  },
  'Email::unsuspend_login': (account, { email = '' }) => {
    mailboxOf(account, email).suspended = false;
    return changed;
  },
  'Email::list_forwarders': (account, { domain }) => ({
    data: account.forwards
      .filter(({ address }) => address.endsWith(`@${domain}`))
      .map(({ address, target }) => ({ dest: address, forward: target, html_dest: address, html_forward: target })),
  }),
  'Email::add_forwarder': (account, args) => {
    const forward = { address: addressOf(account, args), target: args.fwdemail ?? '' };
    account.forwards = [...without(account.forwards, forward), forward];
    return { data: [{ ...forward, email: forward.address, forward: forward.target }], changed: true };
  },
  'Email::delete_forwarder': (account, { address = '', forwarder = '' }) => {
    account.forwards = without(account.forwards, { address, target: forwarder });
    return changed;
  },
  'Mysql::get_restrictions': (account) => ({
    data: { prefix: prefixOf(account), max_database_name_length: 64, max_username_length: 47 },
  }),
  'Mysql::list_databases': (account) => ({
    data: Object.entries(account.databases).map(([database, users]) => ({ database, users, disk_usage: 16_384 })),
  }),
  'Mysql::list_users': (account) => ({
    data: Object.keys(account.databaseUsers).map((user) => ({
      user,
      shortuser: user.slice(prefixOf(account).length),
      databases: Object.keys(account.databases).filter((name) => account.databases[name]?.includes(user)),
    })),
  }),
  'Mysql::create_database': (account, { name = '' }) => {
    requirePrefix(account, name);
    if (name in account.databases) throw new Refusal(`The database “${name}” already exists.`);
    account.databases[name] = [];
    return changed;
  },
  'Mysql::delete_database': (account, { name = '' }) => {
    if (!(name in account.databases)) throw new Refusal(`The database “${name}” does not exist.`);
    delete account.databases[name];
    return changed;
  },
  'Mysql::create_user': (account, { name = '', password = '' }) => {
    requirePrefix(account, name);
    if (name in account.databaseUsers) throw new Refusal(`The MySQL user “${name}” already exists.`);
    account.databaseUsers[name] = hashOf(requireStrong(password));
    return changed;
  },
  'Mysql::set_password': (account, { user = '', password = '' }) => {
    requireDatabaseUser(account, user);
    account.databaseUsers[user] = hashOf(requireStrong(password));
    return changed;
  },
  'Mysql::delete_user': (account, { name = '' }) => {
    requireDatabaseUser(account, name);
    delete account.databaseUsers[name];
    for (const users of Object.values(account.databases))
      users.splice(0, users.length, ...users.filter((user) => user !== name));
    return changed;
  },
  'Mysql::set_privileges_on_database': (account, { user = '', database = '' }) => {
    requireDatabaseUser(account, user);
    const users = account.databases[database];
    if (users === undefined) throw new Refusal(`The database “${database}” does not exist.`);
    if (!users.includes(user)) users.push(user);
    return changed;
  },
  'SSL::install_ssl': (account, { domain = '', cert = '', key = '', cabundle = '' }) => {
    requireDomain(account, domain);
    if (!cert.includes('BEGIN CERTIFICATE') || !key.includes('PRIVATE KEY')) {
      throw new Refusal('The certificate or the key is invalid: could not parse the certificate.');
    }
    account.certificates[domain] = { cert, cabundle };
    return { data: { domain, ip: account.ip, user: account.user, cert_id: hashOf(cert).slice(0, 12) }, changed: true };
  },
  'SSL::toggle_ssl_redirect_for_domains': (account, { domains = '', state = '0' }) => {
    const names = domains.split(',');
    for (const name of names) requireDomain(account, name);
    const others = account.forcedHttps.filter((name) => !names.includes(name));
    account.forcedHttps = state === '1' ? [...others, ...names] : others;
    return { data: names, changed: true };
  },
};

/** The name of the UAPI function that a call of `uapi_cpanel` asks for. */
export function uapiNameOf(args: Args): string {
  return `${args['cpanel.module']}::${args['cpanel.function']}`;
}

/**
 * WHM API 1's `uapi_cpanel`. An account that is unknown fails the outer call; a function that refuses fails the inner one,
 * inside an outer success.
 */
export function callUapi(call: WhmCall): WhmAnswer {
  const account = find(call, 'cpanel.user');
  const name = uapiNameOf(call.args);
  const run = Object.hasOwn(uapiFunctions, name) ? uapiFunctions[name] : undefined;
  const uapi = { data: null, errors: null as string[] | null, messages: null, warnings: null, metadata: {}, status: 1 };
  if (run === undefined) {
    const errors = [`Failed to load module “${call.args['cpanel.module']}”.`];
    return { data: { uapi: { ...uapi, status: 0, errors } } };
  }
  try {
    const answer = run(account, call.args);
    return { data: { uapi: { ...uapi, data: answer.data } }, changed: answer.changed };
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    return { data: { uapi: { ...uapi, status: 0, errors: [thrown.message] } } };
  }
}

function mailboxItem(address: string, mailbox: SimulatedMailbox): Record<string, unknown> {
  const [user, domain] = address.split('@');
  return {
    email: address,
    login: address,
    user,
    domain,
    _diskquota: mailbox.quotaMb === 0 ? 0 : String(mailbox.quotaMb * 1024 * 1024),
    diskquota: mailbox.quotaMb === 0 ? 'unlimited' : String(mailbox.quotaMb),
    _diskused: mailbox.usedBytes,
    diskused: (mailbox.usedBytes / 1024 / 1024).toFixed(2),
    suspended_login: mailbox.suspended ? 1 : 0,
    suspended_incoming: 0,
  };
}

function addressOf(account: SimulatedAccount, { email = '', domain = account.domain }: Args): string {
  requireDomain(account, domain);
  if (!/^[a-z0-9][a-z0-9._-]*$/.test(email)) throw new Refusal(`“${email}@${domain}” is not a valid email address.`);
  return `${email}@${domain}`;
}

function mailboxOf(account: SimulatedAccount, address: string): SimulatedMailbox {
  const mailbox = account.mailboxes[address];
  if (mailbox === undefined) throw new Refusal(`The email account “${address}” does not exist.`);
  return mailbox;
}

function requireDomain(account: SimulatedAccount, domain: string): void {
  if (domain !== account.domain && !domain.endsWith(`.${account.domain}`)) {
    throw new Refusal(`You do not own the domain “${domain}”.`);
  }
}

function requireDatabaseUser(account: SimulatedAccount, user: string): void {
  if (!(user in account.databaseUsers)) throw new Refusal(`The MySQL user “${user}” does not exist.`);
}

function prefixOf(account: SimulatedAccount): string {
  return `${account.user}_`;
}

function requirePrefix(account: SimulatedAccount, name: string): void {
  if (!name.startsWith(prefixOf(account)))
    throw new Refusal(`The name “${name}” must start with “${prefixOf(account)}”.`);
}

function without(
  forwards: SimulatedAccount['forwards'],
  gone: SimulatedAccount['forwards'][number],
): SimulatedAccount['forwards'] {
  return forwards.filter(({ address, target }) => address !== gone.address || target !== gone.target);
}
