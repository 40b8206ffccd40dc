import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const fileOf = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const program = fileOf('apps/cli/bin/keelson.mjs');

/** The program is compiled; what has not changed is skipped. */
execFileSync(process.execPath, [fileOf('scripts/build.mjs')]);

/** The vendors of every sandbox that tests start have a bad day: the same one in each run, unless another is asked for. */
const badDay = process.env['SANDBOX_BAD_DAY'] ?? '3';
process.stderr.write(`the vendors' bad day: SANDBOX_BAD_DAY=${badDay} repeats it\n`);

/** The keelson program as a process of its own, with an environment of its own. `SANDBOX_BAD_DAY: ''` gives its vendors a good day. */
export class KeelsonProcess {
  output = '';
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  private readonly child: ChildProcess;

  constructor(words: string[], env: Record<string, string>) {
    this.child = spawn(process.execPath, [program, ...words], {
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], SANDBOX_BAD_DAY: badDay, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (text: Buffer) => (this.output += text.toString()));
    }
    this.exited = new Promise((resolve) => this.child.once('close', (code, signal) => resolve({ code, signal })));
  }

  /** Resolves when the output holds the text. Rejects when the process ends first. */
  async says(text: string, timeoutMs = 60_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!this.output.includes(text)) {
      if (this.child.exitCode !== null || Date.now() > deadline) throw new Error(`no "${text}" in:\n${this.output}`);
      await sleep(50);
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Ids of all processes below this one, the database server's included. */
  descendants(): number[] {
    const parents = new Map(listProcesses().map(({ pid, parent }) => [pid, parent]));
    const isBelow = (pid: number): boolean => {
      const parent = parents.get(pid);
      return parent !== undefined && (parent === this.child.pid || isBelow(parent));
    };
    return [...parents.keys()].filter(isBelow);
  }
}

interface ProcessEntry {
  pid: number;
  parent: number;
  state: string;
}

function listProcesses(): ProcessEntry[] {
  return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (readProcess(Number(name)) ?? []) : []));
}

/** Undefined when there is no such process. The name in parentheses may hold anything. */
function readProcess(pid: number): ProcessEntry | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state = '', parent = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { pid, parent: Number(parent), state };
  } catch {
    return undefined;
  }
}

/** Resolves when none of the processes runs any more; one that ended and was not collected yet counts as ended. */
export async function allEnded(pids: number[], timeoutMs = 20_000): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  const isRunning = (pid: number) => !['Z', undefined].includes(readProcess(pid)?.state);
  while (pids.some(isRunning)) {
    if (Date.now() > deadline) return false;
    await sleep(50);
  }
  return true;
}

/** The first of as many free ports in a row, below those that systems give to clients. */
export async function freePorts(count: number): Promise<number> {
  for (;;) {
    const first = 20_000 + Math.floor(Math.random() * 10_000);
    const free = await Promise.all(Array.from({ length: count }, (_, index) => isFree(first + index)));
    if (free.every(Boolean)) return first;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '0.0.0.0', () => server.close(() => resolve(true)));
  });
}

/** Whether the process runs that role of an installation. */
export function isRole(pid: number, role: string): boolean {
  return commandLine(pid).at(-1) === role;
}

/** Whether the process is the embedded database server itself, and not one of its own children. */
export function isPostgres(pid: number): boolean {
  return commandLine(pid)[0]?.endsWith('/bin/postgres') === true;
}

function commandLine(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean);
  } catch {
    return [];
  }
}

/** Ids of processes that work in the folder or below it, as the database server does in its home. */
export function processesIn(folder: string): number[] {
  return listProcesses().flatMap(({ pid, state }) => {
    try {
      return state !== 'Z' && readlinkSync(`/proc/${pid}/cwd`).startsWith(folder) ? [pid] : [];
    } catch {
      return [];
    }
  });
}
