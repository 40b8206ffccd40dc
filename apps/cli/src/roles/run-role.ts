import type { ReadyMessage } from './role-process.js';
import { watchStrayErrors } from './stray-errors.js';

/** Something that runs until it is closed. */
export interface Running {
  close(): Promise<void>;
}

/**
 * Runs a role in this process until a signal or the end of the parent, then closes it and exits. With a parent (IPC) Ctrl-C is
 * the parent's business: the terminal sends it to everybody at once.
 * @param start resolves once the role works, with what the parent should know
 */
export async function runRole(
  start: () => Promise<{ running: Running; detail?: Record<string, unknown> }>,
): Promise<void> {
  watchStrayErrors();
  const parent = process.send !== undefined;
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  process.on('SIGTERM', end);
  process.on('SIGINT', () => (parent ? undefined : end()));
  process.on('disconnect', end);
  const { running, detail } = await start();
  const message: ReadyMessage = { ready: true, ...detail };
  process.send?.(message);
  await ended;
  await running.close();
  process.exit(0);
}
