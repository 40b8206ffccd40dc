import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { PostgresBinaries } from './postgres-binaries.js';
import { dataArgument, type ServerAccount } from './server-account.js';

/** What `postmaster.pid` says; see "postmaster.pid" in the Postgres documentation, chapter "Database File Layout". */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly ready: boolean;
}

/** Small enough for a laptop, durable: what is committed is on disk. */
const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '64MB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '512MB',
  min_wal_size: '32MB',
  jit: 'off',
  tcp_keepalives_idle: '60',
  log_min_messages: 'warning',
  // Without the values of the rows a statement failed on.
  log_error_verbosity: 'terse',
  log_checkpoints: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

/** The server of this data folder as its pid file describes it. `undefined`: none is running. */
export function readPostmaster(data: string): Postmaster | undefined {
  let lines: string[];
  try {
    lines = readFileSync(pidFile(data), 'utf8').split('\n');
  } catch {
    return undefined;
  }
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid)) return undefined;
  return { pid, port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' };
}

/**
 * Removes a pid file whose number now belongs to another program (after a reboot, say): Postgres would refuse to start.
 * Were it wrong, the shared memory of a living server would still make a second one refuse.
 */
export function removeForeignPidFile(data: string): void {
  const postmaster = readPostmaster(data);
  if (!postmaster || process.platform !== 'linux') return;
  try {
    if (readFileSync(`/proc/${postmaster.pid}/comm`, 'utf8').trim() === 'postgres') return;
  } catch {
    return;
  }
  rmSync(pidFile(data), { force: true });
}

/**
 * Starts a server that outlives this process. Resolves to true when it is ready, to false when it has given up: its
 * reason is in `log`, and may be that another process was faster.
 */
export async function startPostmaster(
  binaries: PostgresBinaries,
  data: string,
  port: number,
  log: string,
  account: ServerAccount | undefined,
): Promise<boolean> {
  const logFile = openSync(log, 'a', 0o600);
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = spawn(binaries.postgres, ['-D', dataArgument(data, account), '-p', String(port), ...options], {
    ...account,
    cwd: data,
    env: { TZ: 'UTC' },
    detached: true,
    stdio: ['ignore', logFile, logFile],
  });
  closeSync(logFile);
  server.unref();
  let ended = false;
  server.once('exit', () => (ended = true));
  server.once('error', () => (ended = true));
  while (!ended) {
    const postmaster = readPostmaster(data);
    if (postmaster?.pid === server.pid && postmaster?.ready) return true;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return false;
}

/** Asks the server to end its connections and stop; resolves when it has. After 30 s it is told to stop at once. */
export async function stopPostmaster(data: string): Promise<void> {
  const postmaster = readPostmaster(data);
  if (!postmaster) return;
  process.kill(postmaster.pid, 'SIGINT');
  const patience = Date.now() + 30_000;
  let hurried = false;
  while (readPostmaster(data)?.pid === postmaster.pid) {
    if (!hurried && Date.now() > patience) {
      process.kill(postmaster.pid, 'SIGQUIT');
      hurried = true;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Whether a process of that number exists, ours or not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

const pidFile = (data: string) => join(data, 'postmaster.pid');
