import { BootError, loadKeyring } from '@keelson/core';
import { assertInstallationKey, dataSourceOptions } from '@keelson/database';
import { DataSource } from 'typeorm';
import { rewrapSecrets } from '../rewrap-secrets.js';
import { openDatabase } from './open-database.js';

/**
 * Moves every stored secret under the current `ENCRYPTION_KEY`; the one before it is named in `ENCRYPTION_KEY_PREVIOUS`. May run
 * beside a running installation whose processes know both keys, and may be repeated.
 * @throws BootError naming what does not open
 */
export async function rewrap(): Promise<void> {
  const database = await openDatabase(process.env);
  try {
    const keyring = loadKeyring({ env: process.env, home: database.settings.home });
    await assertInstallationKey(database.url, keyring);
    const dataSource = await new DataSource(
      dataSourceOptions({ url: database.url, poolSize: 1, applicationName: 'keelson rewrap', statementTimeoutMs: 0 }),
    ).initialize();
    try {
      const { rewrapped, unreadable } = await rewrapSecrets(dataSource, keyring);
      process.stdout.write(`${rewrapped} secrets are under the key ${keyring.keyId} now\n`);
      if (unreadable.length > 0) throw new BootError(unreadable);
      process.stdout.write('ENCRYPTION_KEY_PREVIOUS is needed no more: restart API and workers without it\n');
    } finally {
      await dataSource.destroy();
    }
  } finally {
    await database.close();
  }
}
