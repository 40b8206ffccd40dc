import { JsonLogger } from '@keelson/core';
import { fail } from '../fail.js';

/**
 * Decides what becomes of errors that nobody waits for, mostly of plugins. A rejected promise that was left alone is logged, and everybody
 * else's work goes on: nothing was cut short by it. An exception that nobody caught has cut something short: the process ends with it, and
 * other workers take its steps over when their leases are over.
 */
export function watchStrayErrors(): void {
  const logger = new JsonLogger({ level: 'error' });
  const message =
    'a rejected promise was left alone, probably by a plugin: the stack says whose; everything else goes on';
  process.on('unhandledRejection', (error) => logger.error({ message, error }, 'Process'));
  process.on('uncaughtException', fail);
}
