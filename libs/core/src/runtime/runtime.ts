import { loadConfig } from '../config/config-file.js';
import type { KeelsonConfig } from '../config/config.types.js';
import { loadSettings, type Settings } from '../config/settings.js';
import type { PluginRegistry } from '../plugins/plugin-registry.js';
import type { Keyring } from '../secrets/envelope.js';
import { loadKeyring } from '../secrets/keyring-loader.js';
import { systemClock, type Clock } from '../time/clock.js';

/** What every process of an installation shares, read once at boot: nothing of it needs the database. */
export interface Runtime {
  readonly settings: Settings;
  readonly config: KeelsonConfig;
  readonly registry: PluginRegistry;
  readonly keyring: Keyring;
  readonly clock: Clock;
}

/**
 * Reads settings, keys and configuration, and imports the enabled plugins.
 * @param options.configPath configuration file to use instead of the one that the settings name
 * @throws BootError with one line per problem
 */
export async function loadRuntime(
  env: NodeJS.ProcessEnv,
  options: { pluginsFolder: string; configPath?: string },
): Promise<Runtime> {
  const settings = loadSettings(env);
  const keyring = loadKeyring({ env, home: settings.home });
  const path = options.configPath ?? settings.configPath;
  const { config, registry } = await loadConfig({ path, env, pluginsFolder: options.pluginsFolder });
  return { settings, config, registry, keyring, clock: systemClock };
}
