import { loadRuntime } from '@keelson/core';
import { startWorker } from '@keelson/worker';
import { installationFolders } from '../installation-folders.js';
import { runRole } from '../roles/run-role.js';
import { openDatabase } from './open-database.js';

/** Runs a worker in this process until it is told to stop. */
export function worker(): Promise<void> {
  return runRole(async () => {
    const [runtime, database] = await Promise.all([
      loadRuntime(process.env, { pluginsFolder: installationFolders().plugins }),
      openDatabase(process.env),
    ]);
    const running = await startWorker(runtime, database.url);
    return {
      running: {
        close: async () => {
          await running.close();
          await database.close();
        },
      },
    };
  });
}
