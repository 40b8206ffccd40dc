import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Programs that the real suites talk to, and Debian's packages that bring them. */
const peers = [
  { program: 'pdns_server', packages: ['pdns-server'] },
  { program: 'libgsqlite3backend.so', packages: ['pdns-backend-sqlite3'] },
  { program: 'sqlite3', packages: ['sqlite3'] },
  { program: 'postfix', packages: ['postfix'] },
  { program: 'redis-server', packages: ['redis-server'] },
];

/** Folders of programs, also when the user's PATH lacks those of the administrator. */
const programFolders = [...(process.env['PATH'] ?? '').split(':'), '/usr/local/sbin', '/usr/sbin', '/sbin'];

/** Peers that are not on this machine. */
export function missingPeers() {
  return peers.filter(({ program }) => !isThere(program));
}

function isThere(program) {
  if (!program.endsWith('.so')) return programFolders.some((folder) => existsSync(join(folder, program)));
  return ['/usr/lib', '/usr/local/lib', ...below('/usr/lib')].some((folder) =>
    existsSync(join(folder, 'pdns', program)),
  );
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
