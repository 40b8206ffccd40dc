import { migrateInstallation } from '../prepare-installation.js';
import { openDatabase } from './open-database.js';

/** Brings the tables to this version and says what was done. */
export async function migrateTables(): Promise<void> {
  const database = await openDatabase(process.env);
  try {
    const applied = await migrateInstallation(database.url);
    process.stdout.write(applied.length === 0 ? 'the tables are up to date\n' : `applied ${applied.join(', ')}\n`);
  } finally {
    await database.close();
  }
}
