import { configSchema, loadRuntime } from '@keelson/core';
import { installationFolders } from '../installation-folders.js';

/** Prints the JSON Schema of `keelson.config.yaml` with the enabled plugins, for editors. */
export async function schema(): Promise<void> {
  const { registry } = await loadRuntime(process.env, { pluginsFolder: installationFolders().plugins });
  process.stdout.write(`${JSON.stringify(configSchema(registry), null, 2)}\n`);
}
