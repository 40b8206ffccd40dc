import { assertKeyProof, BootError, type Keyring, sealKeyProof } from '@keelson/core';
import pg from 'pg';

const undefinedTable = '42P01';

/**
 * Refuses to go on with a key that does not open what this installation sealed. The first process ever leaves the proof by which
 * later ones judge; nothing that is stored is changed. Called at boot, before anything is sealed.
 * @throws BootError when the key is lost, wrong, or was changed without its predecessor, and when the tables are missing
 */
export async function assertInstallationKey(databaseUrl: string, keyring: Keyring): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    const find = () => client.query<{ key_proof: string }>('SELECT key_proof FROM installation');
    const known = await find();
    if (known.rows.length === 0) {
      await client.query('INSERT INTO installation (key_proof) VALUES ($1) ON CONFLICT DO NOTHING', [
        sealKeyProof(keyring),
      ]);
    }
    const [row] = known.rows.length > 0 ? known.rows : (await find()).rows;
    assertKeyProof(keyring, row?.key_proof ?? '');
  } catch (thrown) {
    if ((thrown as { code?: string }).code !== undefinedTable) throw thrown;
    throw new BootError(['the tables are not those of this version: run keelson setup'], { cause: thrown });
  } finally {
    await client.end();
  }
}
