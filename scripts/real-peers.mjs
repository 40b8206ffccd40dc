import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the real suites talk to: a program or file that shows the peer is there, and Debian's packages that bring it. */
const peers = [
  { program: 'pdns_server', packages: ['pdns-server'] },
  { program: '*/pdns/libgsqlite3backend.so', packages: ['pdns-backend-sqlite3'] },
  { program: 'sqlite3', packages: ['sqlite3'] },
  { program: 'postfix', packages: ['postfix'] },
  { program: '*/postfix-pgsql.so', packages: ['postfix-pgsql'] },
  { program: 'dovecot', packages: ['dovecot-core'] },
  { program: '*/dovecot/imap', packages: ['dovecot-imapd'] },
  { program: '*/dovecot/lmtp', packages: ['dovecot-lmtpd'] },
  { program: '*/dovecot/modules/auth/libdriver_pgsql.so', packages: ['dovecot-pgsql'] },
  { program: 'psql', packages: ['postgresql-client'] },
  { program: 'redis-server', packages: ['redis-server'] },
  { program: 'pebble', packages: ['pebble'] },
];

/** Folders of programs, also when the user's PATH lacks those of the administrator. */
const programFolders = [...(process.env['PATH'] ?? '').split(':'), '/usr/local/sbin', '/usr/sbin', '/sbin'];

/** Peers that are not on this machine. */
export function missingPeers() {
  return peers.filter(({ program }) => !isThere(program));
}

/** A name is looked up among the programs; a path that begins with a star, below the folders of libraries. */
function isThere(program) {
  const folders = program.startsWith('*/') ? ['/usr/lib', '/usr/local/lib', ...below('/usr/lib')] : programFolders;
  return folders.some((folder) => existsSync(join(folder, program.replace('*/', ''))));
}

function below(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(folder, entry.name));
}

/**
 * Installs what is missing from Debian's packages, as root on a Debian; does nothing elsewhere. No service is started: the suites
 * run each program by themselves, on ports and in folders of their own.
 * @param {(line: string) => void} say
 */
export function installPeers(say) {
  const wanted = missingPeers().flatMap(({ packages }) => packages);
  if (wanted.length === 0 || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return;
  say(`installing ${wanted.join(', ')}`);
  withoutServices(() => {
    run('debconf-set-selections', [], 'postfix postfix/main_mailer_type select No configuration\n');
    const install = ['install', '-y', '-q', '--no-install-recommends', ...wanted];
    if (run('apt-get', install) !== 0 && run('apt-get', ['update', '-q']) === 0) run('apt-get', install);
  });
}

/** Debian starts what it installs unless policy-rc.d forbids it. */
function withoutServices(work) {
  const policy = '/usr/sbin/policy-rc.d';
  const ours = !existsSync(policy);
  if (ours) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    work();
  } finally {
    if (ours) rmSync(policy);
  }
}

function run(program, words, input = '') {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync(program, words, { env, input, stdio: ['pipe', 2, 2] }).status;
}
