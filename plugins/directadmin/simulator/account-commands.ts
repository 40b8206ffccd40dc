import { createHash } from 'node:crypto';
import { addresses, packages } from './panel-offers.js';
import type { PanelState, SimulatedUser } from './panel-state.types.js';
import { CommandRefusal, isStrong } from './refusals.js';

/** Arguments of a command, from its address and its form. */
export type CommandArguments = Record<string, string | undefined>;

/** What a command answers, and whether it changed something. */
export interface CommandResult {
  answer: unknown;
  changed?: boolean;
}

/** Commands that a reseller gives about accounts. The words of refusals are ours where the documentation has none. */
export const accountCommands: Record<string, (state: PanelState, args: CommandArguments) => CommandResult> = {
  CMD_API_PACKAGES_USER: (_state, { package: name }) => {
    if (name === undefined) return { answer: Object.keys(packages) };
    return { answer: { packagename: name, ...packageOf(name) } };
  },
  CMD_API_USER_EXISTS: ({ users }, { user }) => {
    const exists = user === 'root' || users.some(({ username }) => username === user);
    return { answer: { exists: exists ? '1' : '0' } };
  },
  CMD_API_SHOW_USER_CONFIG: (state, { user }) => ({ answer: configOf(userOf(state, user)) }),
  CMD_USER_SHOW: ({ users }) => ({ answer: { ...users.map(rowOf), info: { rows: String(users.length) } } }),
  CMD_API_ACCOUNT_USER: (state, args) => {
    if (args.action !== 'create' || args.add !== 'Submit') throw new CommandRefusal('Error', 'Unknown action');
    createUser(state, args);
    return { answer: success(`User ${args.username} created`), changed: true };
  },
  CMD_API_SELECT_USERS: (state, args) => {
    const user = userOf(state, args.select0);
    if (args.suspend !== undefined) user.suspended = args.suspend === 'Suspend';
    else if (args.delete === 'yes' && args.confirmed === 'Confirm') {
      state.users = state.users.filter((other) => other !== user);
    } else throw new CommandRefusal('Error', 'Nothing was selected');
    return { answer: success('Done'), changed: true };
  },
  CMD_API_MODIFY_USER: (state, args) => {
    const user = userOf(state, args.user);
    if (args.action !== 'package') throw new CommandRefusal('Error', 'Unknown action');
    packageOf(args.package);
    user.package = args.package ?? '';
    return { answer: success('User modified'), changed: true };
  },
  CMD_API_USER_PASSWD: (state, args) => {
    const user = userOf(state, args.username);
    user.passwordHash = hashOf(checkedPassword(args));
    return { answer: success('Password changed'), changed: true };
  },
};

/** A message of success, as commands answer it. */
export function success(text: string): { success: string; result: string } {
  return { success: text, result: '' };
}

/** Refuses unless nobody holds the domain. */
export function requireFreeDomain({ users }: PanelState, domain: string): void {
  if (!/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(domain)) {
    throw new CommandRefusal('Cannot Create Account', 'That is not a valid domain');
  }
  if (users.some((user) => user.domain === domain)) {
    throw new CommandRefusal('Cannot Create Account', 'That domain already exists');
  }
}

export function hashOf(password: string): string {
  return createHash('sha256').update(password).digest('hex');
}

function createUser(state: PanelState, args: CommandArguments): void {
  const { username = '', domain = '', email = '', ip = '', package: plan = '' } = args;
  const refuse = (details: string): never => {
    throw new CommandRefusal('Cannot Create Account', details);
  };
  if (!/^[a-z][a-z0-9]{3,9}$/.test(username)) refuse('The username is invalid');
  if (state.users.some((user) => user.username === username)) refuse('That username already exists on the system');
  requireFreeDomain(state, domain);
  if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email)) refuse('The email is not valid');
  if (!addresses.includes(ip)) refuse('You do not own that IP');
  packageOf(plan);
  const passwordHash = hashOf(checkedPassword(args));
  const made = { suspended: false, createdAt: Date.now(), databases: {}, certificates: {}, forced: [] };
  state.users.push({ username, domain, email, package: plan, ip, passwordHash, ...made });
}

function checkedPassword({ passwd = '', passwd2 }: CommandArguments): string {
  if (passwd !== passwd2) throw new CommandRefusal('Error', 'The passwords do not match');
  if (!isStrong(passwd)) throw new CommandRefusal('Error', 'That password is not difficult enough');
  return passwd;
}

function packageOf(name = ''): { quota: string; bandwidth: string } {
  if (Object.hasOwn(packages, name)) return packages[name as keyof typeof packages];
  throw new CommandRefusal('Error', `The package ${name} is invalid`);
}

function userOf({ users }: PanelState, username: string | undefined): SimulatedUser {
  const found = users.find((user) => user.username === username);
  if (found === undefined) throw new CommandRefusal('Error', 'That user is not one of yours');
  return found;
}

function configOf(user: SimulatedUser): Record<string, string> {
  const { username, domain, email, package: plan, ip, suspended, createdAt } = user;
  return {
    account: 'ON',
    creator: 'admin',
    date_created: new Date(createdAt).toUTCString(),
    domain,
    email,
    ip,
    ns1: 'ns1.panel.example',
    ns2: 'ns2.panel.example',
    package: plan,
    ...packageOf(plan),
    suspended: suspended ? 'yes' : 'no',
    username,
    usertype: 'user',
  };
}

/** Use is made up from the name, always the same for the same account. */
function rowOf({ username, domain, package: plan, suspended, ip, createdAt }: SimulatedUser): unknown {
  const { quota, bandwidth } = packageOf(plan);
  const seed = [...username].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
  return {
    username,
    package: plan,
    ip: [ip],
    domains: { [domain]: [] },
    quota: { usage: (seed / 7).toFixed(2), limit: quota },
    bandwidth: { usage: (seed / 3).toFixed(2), limit: bandwidth },
    suspended: { value: suspended ? 'yes' : 'no', reason: '' },
    date_created: String(Math.floor(createdAt / 1000)),
  };
}
