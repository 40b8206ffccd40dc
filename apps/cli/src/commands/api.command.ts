import { startApi } from '@keelson/api';
import { loadRuntime } from '@keelson/core';
import { installationFolders } from '../installation-folders.js';
import { runRole } from '../roles/run-role.js';
import { openDatabase } from './open-database.js';

/** Runs the HTTP API in this process until it is told to stop. */
export function api(): Promise<void> {
  return runRole(async () => {
    const [runtime, database] = await Promise.all([
      loadRuntime(process.env, { pluginsFolder: installationFolders().plugins }),
      openDatabase(process.env),
    ]);
    const running = await startApi(runtime, database.url);
    return {
      running: {
        close: async () => {
          await running.close();
          await database.close();
        },
      },
      detail: { url: running.url },
    };
  });
}
