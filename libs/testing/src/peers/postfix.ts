import { execFile } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { greeting } from './local-ports.js';

export interface PostfixOptions {
  /** An empty folder: Postfix gets `etc`, `spool`, `data` and `log` in it. */
  home: string;
  port: number;
  /** Lines of `main.cf`: which mail is taken, and where it goes. */
  main: string;
  /** The line of `master.cf` of the daemon that delivers it. */
  delivery: string;
}

/** A Postfix of its own, on loopback, that never sends mail on. */
export interface Postfix {
  port: number;
  /** Ends it; its folder stays. Repeating it does nothing. */
  stop(): Promise<void>;
}

const program = '/usr/sbin/postfix';
const limitMs = 20_000;

/**
 * Starts Debian's Postfix as an instance of its own: configuration, queue and log lie in the folder, and the one of the system is not
 * touched. Mail for others than `main` names is refused, and what would still have to leave is an error.
 * @throws Error with one sentence that says the fix, when there is no Postfix or it does not start
 */
export async function startPostfix({ home, port, main, delivery }: PostfixOptions): Promise<Postfix> {
  if (!existsSync(program)) throw new Error('Postfix is missing: install it with "apt-get install postfix".');
  if (process.getuid?.() !== 0) throw new Error('Postfix can only be started as root: run this suite as root.');
  const { uid, gid } = userOf('postfix');
  chmodSync(home, 0o755);
  for (const folder of ['etc', 'spool', 'data', 'log']) mkdirSync(join(home, folder), { recursive: true });
  chownSync(join(home, 'data'), uid, gid);
  writeFileSync(join(home, 'etc', 'main.cf'), mainConfig(home) + main);
  writeFileSync(join(home, 'etc', 'master.cf'), `127.0.0.1:${port} ${masterConfig}${delivery}\n`);
  let stopping: Promise<void> | undefined;
  const stop = () => (stopping ??= end(home));
  try {
    await command(home, 'start');
    await greeting(port);
  } catch (failure) {
    const log = join(home, 'log', 'postfix.log');
    const why = `${(failure as Error).message} ${existsSync(log) ? readFileSync(log, 'utf8') : ''}`;
    await stop();
    throw new Error(`Postfix did not start; it said: ${why.trim().slice(-600)}`, { cause: failure });
  }
  return { port, stop };
}

/** Ids of a user of this machine. @throws Error when there is none */
export function userOf(name: string): { uid: number; gid: number } {
  const [, uid, gid] = new RegExp(`^${name}:[^:]*:(\\d+):(\\d+)`, 'm').exec(readFileSync('/etc/passwd', 'utf8')) ?? [];
  if (uid === undefined) throw new Error(`The user ${name} is missing: install the package that brings it.`);
  return { uid: Number(uid), gid: Number(gid) };
}

/** `start` comes back once the master daemon has its sockets, `stop` once it has ended; `status` fails when it does not run. */
async function command(home: string, verb: 'start' | 'stop' | 'status'): Promise<void> {
  await promisify(execFile)(program, ['-c', join(home, 'etc'), verb], { timeout: limitMs });
}

async function end(home: string): Promise<void> {
  const runs = await command(home, 'status').then(
    () => true,
    () => false,
  );
  if (runs) await command(home, 'stop');
}

/** postconf(5): on loopback, without DNS, and no way out. */
function mainConfig(home: string): string {
  return `compatibility_level = 3.6
queue_directory = ${home}/spool
data_directory = ${home}/data
maillog_file = ${home}/log/postfix.log
maillog_file_prefixes = ${home}/log
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.keelson.test
mydestination =
mynetworks =
alias_maps =
alias_database =
local_recipient_maps =
local_transport = error:no local delivery here
default_transport = error:no delivery to elsewhere
relay_transport = error:no delivery to elsewhere
smtpd_peername_lookup = no
smtpd_relay_restrictions = reject_unauth_destination
`;
}

/** master(5): only the daemons that taking mail and handing it on needs. The first one listens. */
const masterConfig = `inet n - n - - smtpd
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
proxymap  unix  - - n - - proxymap
error     unix  - - n - - error
retry     unix  - - n - - error
anvil     unix  - - n - 1 anvil
postlog   unix-dgram n - n - 1 postlogd
`;
