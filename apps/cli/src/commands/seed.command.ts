import { catalogueEntities, seedCatalogue } from '@keelson/catalogue';
import { dataSourceOptions } from '@keelson/database';
import { DataSource } from 'typeorm';
import { openDatabase } from './open-database.js';

/** Fills the catalogue with what is missing of the first products, and says how many were added. Repeating it adds nothing. */
export async function seed(): Promise<void> {
  const database = await openDatabase(process.env);
  try {
    const dataSource = await new DataSource(dataSourceOptions({ url: database.url }, catalogueEntities)).initialize();
    const added = await seedCatalogue(dataSource);
    await dataSource.destroy();
    process.stdout.write(`${added} products added\n`);
  } finally {
    await database.close();
  }
}
