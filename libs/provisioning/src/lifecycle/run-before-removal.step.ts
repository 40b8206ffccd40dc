import { execFile } from 'node:child_process';
import { PortError } from '@keelson/core';
import { moveService } from '@keelson/hosting';
import type { RetriedStep } from '../engine/recipe.js';
import type { RecipeTools } from '../recipes/recipe-tools.js';
import type { OperationOrder } from './operation-order.js';

/** A last backup of a big account may take this long. */
const patienceMs = 30 * 60_000;

/**
 * Runs the operator's command, if there is one, with the service in its environment, and goes on only when it ends with 0. It may be run again
 * for the same service after a crash. From its success on the service cannot be restored.
 */
export function runBeforeRemoval({
  settings: { beforeRemovalCommand },
}: RecipeTools): RetriedStep<OperationOrder, object, { command?: string }, never, never> {
  return {
    deadlineMs: patienceMs + 10_000,
    run: async ({ order: { service, server } }) => {
      if (beforeRemovalCommand === undefined) return {};
      await runToEnd(beforeRemovalCommand, {
        PATH: process.env['PATH'],
        KEELSON_SERVICE_ID: service.id,
        KEELSON_DOMAIN: service.domain ?? '',
        KEELSON_USERNAME: service.username ?? '',
        KEELSON_SERVER: server?.name ?? '',
      });
      return { command: beforeRemovalCommand };
    },
    record: async ({ order: { service } }, _output, manager) => {
      await moveService(manager, service.id, 'terminating');
    },
  };
}

/** @throws PortError `unavailable` when it cannot be run or ends with anything but 0: nothing has been removed then */
function runToEnd(command: string, env: NodeJS.ProcessEnv): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(command, { env, timeout: patienceMs, maxBuffer: 64 * 1024 }, (error, _stdout, stderr) => {
      if (error === null) return resolve();
      const last = stderr.trim().split('\n').at(-1)?.slice(0, 200) ?? '';
      const how = error.signal ?? error.code ?? 'an error';
      reject(
        new PortError(
          'unavailable',
          `BEFORE_REMOVAL_COMMAND ended with ${how}${last && `: ${last}`}. Nothing is removed.`,
        ),
      );
    });
  });
}
