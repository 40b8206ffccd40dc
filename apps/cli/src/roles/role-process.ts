import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** Processes that an installation consists of, beside the database. */
export type Role = 'api' | 'worker' | 'sandbox';

/** What a role says to the supervisor once it works. */
export interface ReadyMessage {
  ready: true;
  [detail: string]: unknown;
}

export interface RoleOptions {
  role: Role;
  /** File that runs the role when it is started with the role's name. */
  program: string;
  env: NodeJS.ProcessEnv;
  /** Told when the process ended by itself and is being started again. */
  onRestart?: (role: Role, code: number | null, signal: NodeJS.Signals | null) => void;
}

/** As in `bin/keelson.mjs`. A smaller young generation costs no measurable speed here and saves some 15 MB a process. */
const nodeFlags = ['--max-semi-space-size=4'];
const firstPauseMs = 250;
const longestPauseMs = 15_000;
/** Longer than any graceful end; after it the process is killed. */
const stopMs = 20_000;

/**
 * A child process that is kept running: when it ends by itself it is started again, ever more slowly while it keeps ending.
 * Children end themselves when their parent is gone, so that nothing is left behind by `kill -9`.
 */
export class RoleProcess {
  private child?: ChildProcess;
  private stopping = false;
  private pauseMs = firstPauseMs;

  constructor(private readonly options: RoleOptions) {}

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Starts it. Resolves with its message once it works; rejects when the first start fails. */
  async start(): Promise<ReadyMessage> {
    const { child, ready } = this.spawn();
    const message = await ready;
    this.watch(child);
    return message;
  }

  /** Ends it gracefully, by force after a while. Repeating it does nothing. */
  async stop(): Promise<void> {
    this.stopping = true;
    const child = this.child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), stopMs);
    await ended;
    clearTimeout(timer);
  }

  private spawn(): { child: ChildProcess; ready: Promise<ReadyMessage> } {
    const { program, role, env } = this.options;
    const child = fork(program, [role], {
      env,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      execArgv: nodeFlags,
    });
    this.child = child;
    const ready = new Promise<ReadyMessage>((resolve, reject) => {
      child.once('message', (message) => resolve(message as ReadyMessage));
      child.once('error', reject);
      child.once('exit', (code, signal) =>
        reject(new Error(`${role} ended before it was ready (${signal ?? `exit code ${code}`}): see the lines above`)),
      );
    });
    return { child, ready };
  }

  private watch(child: ChildProcess): void {
    const since = Date.now();
    child.once('exit', (code, signal) => {
      if (this.stopping) return;
      this.pauseMs = Date.now() - since > 60_000 ? firstPauseMs : Math.min(longestPauseMs, this.pauseMs * 2);
      this.options.onRestart?.(this.options.role, code, signal);
      void this.restart();
    });
  }

  private async restart(): Promise<void> {
    while (!this.stopping) {
      await sleep(this.pauseMs);
      if (this.stopping) return;
      const { child, ready } = this.spawn();
      try {
        await ready;
        this.watch(child);
        return;
      } catch {
        this.pauseMs = Math.min(longestPauseMs, this.pauseMs * 2);
      }
    }
  }
}
