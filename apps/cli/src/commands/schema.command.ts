import { existsSync } from 'node:fs';
import { configSchema, loadPlugins, loadSettings } from '@keelson/core';
import { enabledPlugins } from '../enabled-plugins.js';
import { installationFolders } from '../installation-folders.js';

/**
 * Prints the JSON Schema of `keelson.config.yaml`, for editors, with the plugins that the file enables. Whatever else is in the
 * file may still be wrong: that is when an editor is needed.
 */
export async function schema(): Promise<void> {
  const { configPath } = loadSettings(process.env);
  const plugins = existsSync(configPath) ? enabledPlugins(configPath) : [];
  const registry = await loadPlugins({ enabled: plugins, pluginsFolder: installationFolders().plugins });
  process.stdout.write(`${JSON.stringify(configSchema(registry), null, 2)}\n`);
}
