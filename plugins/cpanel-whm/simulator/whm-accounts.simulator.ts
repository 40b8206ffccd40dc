import { createHash } from 'node:crypto';
import { Refusal, type SimulatedAccount, type WhmAnswer, type WhmCall } from './whm-state.types.js';

export interface SimulatedPackage {
  name: string;
  QUOTA: string;
  BWLIMIT: string;
}

/** Packages of root have plain names; `reseller1_silver` belongs to the reseller. */
export const packages: readonly SimulatedPackage[] = [
  { name: 'starter', QUOTA: '5120', BWLIMIT: '51200' },
  { name: 'student', QUOTA: '2048', BWLIMIT: '20480' },
  { name: 'basic', QUOTA: '10240', BWLIMIT: '102400' },
  { name: 'premium', QUOTA: '51200', BWLIMIT: 'unlimited' },
  { name: 'business', QUOTA: 'unlimited', BWLIMIT: 'unlimited' },
  { name: 'wordpress', QUOTA: '20480', BWLIMIT: 'unlimited' },
  { name: 'reseller1_silver', QUOTA: '1024', BWLIMIT: '10240' },
];

const reserved = new Set([
  'root',
  'admin',
  'adm',
  'bin',
  'daemon',
  'ftp',
  'mail',
  'mysql',
  'nobody',
  'postmaster',
  'info',
]);

export type WhmFunction = (call: WhmCall) => WhmAnswer;

/** Functions of WHM API 1, by name. */
export const whmFunctions: Readonly<Record<string, WhmFunction>> = {
  version: () => ({ data: { version: '11.138.0.10' } }),
  gethostname: () => ({ data: { hostname: 'srv1.sandbox.example' } }),
  get_nameserver_config: ({ server }) => ({ data: { nameservers: [...server.nameservers] } }),
  listpkgs: (call) => ({
    data: { pkg: visiblePackages(call).map((item) => ({ ...item, MAXPOP: 'unlimited', CGI: 'y' })) },
  }),
  get_maximum_users: ({ state }) => ({ data: { maximum_users: state.accountLimit } }),
  get_current_users_count: ({ state }) => ({ data: { users: Object.keys(state.accounts).length } }),
  acctcounts: (call) => ({
    data: { reseller: { user: call.caller, active: visibleAccounts(call).length, suspended: 0, limit: null } },
  }),
  createacct,
  accountsummary: (call) => {
    const { user, domain } = call.args;
    const found = visibleAccounts(call).find((item) =>
      user === undefined ? item.domain === domain : item.user === user,
    );
    if (found === undefined) throw new Refusal('Account does not exist');
    return { data: { acct: [summary(found)] } };
  },
  listaccts: (call) => ({ data: { acct: visibleAccounts(call).map(summary) } }),
  showbw: (call) => {
    const matches = new RegExp(call.args.search ?? '');
    const acct = visibleAccounts(call).filter((item) => matches.test(item.user));
    return { data: { acct: acct.map(bandwidth), totalused: acct.reduce((sum, item) => sum + item.trafficBytes, 0) } };
  },
  suspendacct: (call) => {
    const account = find(call, 'user', (user) => `_suspendacct called for a user that does not exist. (${user})`);
    account.suspended = true;
    account.suspendReason = call.args.reason || 'Unknown';
    return {
      reason: 'OK',
      raw: `Changing Shell to /bin/false…Done\n${account.user} has been suspended`,
      changed: true,
    };
  },
  unsuspendacct: (call) => {
    const account = find(call, 'user');
    account.suspended = false;
    delete account.suspendReason;
    return { reason: 'OK', raw: `${account.user} has been unsuspended`, changed: true };
  },
  removeacct: (call) => {
    const account = find(
      call,
      call.args.username === undefined ? 'user' : 'username',
      (user) => `System user ${user} does not exist!`,
    );
    delete call.state.accounts[account.user];
    return { reason: `${account.user} account removed`, raw: 'Running pre removal script…Done', changed: true };
  },
  changepackage: (call) => {
    const account = find(call, 'user', (user) => `Sorry the user ${user} does not exist`);
    account.plan = requirePackage(call, call.args.pkg ?? '', () => 'Specified package does not exist.');
    return { reason: 'Account Upgrade/Downgrade Complete', changed: true };
  },
  passwd: (call) => {
    const account = find(call, 'user', (user) => `Sorry, the user ${user} does not exist.`);
    account.passwordHash = hashOf(requireStrong(call.args.password ?? ''));
    return {
      reason: `Password changed for user “${account.user}”.`,
      data: { app: ['system', 'ftp', 'mysql'] },
      changed: true,
    };
  },
  modifyacct: (call) => {
    const account = find(call, 'user', (user) => `Unable to fetch the cPanel user file for ${user}`);
    if (call.args.DNS !== undefined) account.domain = requireFreeDomain(call, call.args.DNS);
    return { data: { cpuser: { USER: account.user, DNS: account.domain } }, changed: true };
  },
  create_user_session: (call) => {
    const account = find(call, 'user');
    call.state.sessions += 1;
    const token = `/cpsess${String(1_000_000_000 + call.state.sessions)}`;
    const session = `${account.user}:${hashOf(token).slice(0, 16)}:CREATE_USER_SESSION,${hashOf(account.user).slice(0, 32)}`;
    const url = `https://srv1.sandbox.example:2083${token}/login/?session=${encodeURIComponent(session)}`;
    const expires = Math.floor(Date.now() / 1000) + 900;
    return { data: { url, session, cp_security_token: token, service: 'cpaneld', expires }, changed: true };
  },
  listresellers: (call) => ({
    data: {
      reseller: Object.values(call.state.accounts)
        .filter((item) => item.reseller)
        .map((item) => item.user),
    },
  }),
  setupreseller: (call) => {
    find(call, 'user').reseller = true;
    return { reason: 'OK', changed: true };
  },
  unsetupreseller: (call) => {
    find(call, 'user').reseller = false;
    return { reason: 'OK', changed: true };
  },
};

function createacct(call: WhmCall): WhmAnswer {
  const { args, state, server } = call;
  const user = (args.username ?? '').toLowerCase();
  refuseName(call, user);
  const domain = requireFreeDomain(call, args.domain ?? `${user}.sandbox.example`);
  const plan = requirePackage(call, args.plan ?? 'default', (name) => `Sorry, the package “${name}” does not exist.`);
  const password = requireStrong(args.password ?? hashOf(user));
  const held = Object.keys(state.accounts).length;
  if (call.full || (state.accountLimit > 0 && held >= state.accountLimit)) {
    throw new Refusal('Your server cannot have more accounts. Contact your provider for a larger number.');
  }
  const seed = Number.parseInt(hashOf(user).slice(0, 6), 16);
  state.accounts[user] = {
    user,
    domain,
    plan,
    email: args.contactemail ?? '',
    ip: server.accountIp,
    owner: call.caller,
    passwordHash: hashOf(password),
    suspended: false,
    reseller: args.reseller === '1',
    createdAt: Math.floor(Date.now() / 1000),
    diskUsedMb: 1 + (seed % 400),
    trafficBytes: seed * 1024,
    mailboxes: {},
    forwards: [],
    databases: {},
    databaseUsers: {},
    certificates: {},
    forcedHttps: [],
  };
  const [first = '', second = '', third = '', fourth = ''] = server.nameservers;
  const shown = args.showpass === 'n' ? 'HIDDEN' : password;
  return {
    reason: 'Account Creation Ok',
    raw: `WWWAcct 12.6.0\n| Domain: ${domain}\n| UserName: ${user}\n| PassWord: ${shown}\n`,
    data: {
      ip: server.accountIp,
      package: plan,
      nameserver: first,
      nameserver2: second,
      nameserver3: third,
      nameserver4: fourth,
      nameservera: null,
      nameserverentry: null,
    },
    changed: true,
  };
}

/** https://docs.cpanel.net/whm/account-functions/create-a-new-account/ */
function refuseName({ state }: WhmCall, user: string): void {
  if (!/^[a-z][a-z0-9]{0,15}$/.test(user) || user.startsWith('test') || user.endsWith('assword')) {
    throw new Refusal(`“${user}” is not a valid username on this system.`);
  }
  if (reserved.has(user)) throw new Refusal(`“${user}” is a reserved username on this system.`);
  if (user in state.accounts) throw new Refusal(`This system already has an account named “${user}”.`);
  if (Object.keys(state.accounts).some((other) => other.slice(0, 8) === user.slice(0, 8))) {
    throw new Refusal(
      `The name of another account on this server has the same initial 8 characters as the given username (${user}).`,
    );
  }
}

function requireFreeDomain({ state }: WhmCall, domain: string): string {
  if (!/^([a-z0-9-]+\.)+[a-z0-9-]{2,}$/.test(domain)) throw new Refusal(`“${domain}” is not a valid domain name.`);
  if (Object.values(state.accounts).some((account) => account.domain === domain)) {
    throw new Refusal(`The domain “${domain}” already exists in the Apache configuration.`);
  }
  return domain;
}

function requirePackage(call: WhmCall, name: string, refusal: (name: string) => string): string {
  if (!visiblePackages(call).some((item) => item.name === name)) throw new Refusal(refusal(name));
  return name;
}

/** Refuses passwords whose strength the server rates below 65. */
export function requireStrong(password: string): string {
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((kind) => kind.test(password)).length;
  const rating = Math.min(100, password.length * 4 + kinds * 10);
  if (rating < 65) {
    throw new Refusal(
      `The password that you entered has a strength rating of “${rating}”. You cannot use a password with a strength rating less than “65”.`,
    );
  }
  return password;
}

export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The caller's account that an argument names. A reseller neither sees nor touches those of others. */
export function find(
  call: WhmCall,
  argument: string,
  refusal: (user: string) => string = (user) => `You do not have a user named “${user}”.`,
): SimulatedAccount {
  const user = call.args[argument] ?? '';
  const account = visibleAccounts(call).find((item) => item.user === user);
  if (account === undefined) throw new Refusal(refusal(user));
  return account;
}

function visibleAccounts({ state, caller }: WhmCall): SimulatedAccount[] {
  return Object.values(state.accounts).filter((account) => caller === 'root' || account.owner === caller);
}

function visiblePackages({ caller }: WhmCall): SimulatedPackage[] {
  return packages.filter(({ name }) => caller === 'root' || !name.includes('_') || name.startsWith(`${caller}_`));
}

function summary(account: SimulatedAccount): Record<string, unknown> {
  const limit = packages.find((item) => item.name === account.plan)?.QUOTA ?? 'unlimited';
  return {
    user: account.user,
    domain: account.domain,
    plan: account.plan,
    email: account.email === '' ? '*unknown*' : account.email,
    ip: account.ip,
    owner: account.owner,
    partition: 'home',
    theme: 'jupiter',
    shell: '/bin/bash',
    startdate: new Date(account.createdAt * 1000).toUTCString(),
    unix_startdate: account.createdAt,
    diskused: `${account.diskUsedMb}M`,
    disklimit: limit === 'unlimited' ? limit : `${limit}M`,
    maxpop: 'unlimited',
    maxaddons: '*unknown*',
    suspended: account.suspended ? 1 : 0,
    suspendreason: account.suspendReason ?? 'not suspended',
    is_locked: 0,
  };
}

function bandwidth(account: SimulatedAccount): Record<string, unknown> {
  const limit = Number(packages.find((item) => item.name === account.plan)?.BWLIMIT);
  return {
    user: account.user,
    maindomain: account.domain,
    owner: account.owner,
    reseller: account.reseller ? 1 : 0,
    deleted: 0,
    limit: Number.isNaN(limit) ? 'unlimited' : String(limit * 1024 * 1024),
    totalbytes: account.trafficBytes,
    bwusage: [{ domain: account.domain, usage: account.trafficBytes, deleted: 0 }],
  };
}
