import { loadSettings, type Settings } from '@keelson/core';
import { startEmbeddedPostgres } from '@keelson/database';

/** The database of the installation: the operator's, or the embedded one, started when it is not running. */
export async function openDatabase(
  env: NodeJS.ProcessEnv,
): Promise<{ settings: Settings; url: string; close(): Promise<void> }> {
  const settings = loadSettings(env);
  if (settings.databaseUrl !== undefined)
    return { settings, url: settings.databaseUrl, close: () => Promise.resolve() };
  const postgres = await startEmbeddedPostgres({ home: settings.home });
  return { settings, url: postgres.url, close: () => postgres.stop() };
}
