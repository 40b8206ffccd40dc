import { loadRuntime } from '@keelson/core';
import { installationFolders } from '../installation-folders.js';
import { migrateInstallation, prepareInstallation } from '../prepare-installation.js';
import { openDatabase } from './open-database.js';

/** Makes the database ready for `keelson api` and `keelson worker`; run it again after every change of the configuration. */
export async function setup(): Promise<void> {
  const runtime = await loadRuntime(process.env, { pluginsFolder: installationFolders().plugins });
  const database = await openDatabase(process.env);
  try {
    await migrateInstallation(database.url);
    const administrator = await prepareInstallation(runtime, database.url);
    if (administrator?.password !== undefined) {
      process.stdout.write(`administrator: ${administrator.email}, password: ${administrator.password}\n`);
    }
    process.stdout.write('the installation is ready: run keelson api and keelson worker\n');
  } finally {
    await database.close();
  }
}
