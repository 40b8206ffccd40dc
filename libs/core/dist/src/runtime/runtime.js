import { loadConfig } from '../config/config-file.js';
import { loadSettings } from '../config/settings.js';
import { loadKeyring } from '../secrets/keyring-loader.js';
import { systemClock } from '../time/clock.js';
/**
 * Reads settings, keys and configuration, and imports the enabled plugins.
 * @param options.configPath configuration file to use instead of the one that the settings name
 * @throws BootError with one line per problem
 */ export async function loadRuntime(env, options) {
    const settings = loadSettings(env);
    const keyring = loadKeyring({
        env,
        home: settings.home
    });
    const path = options.configPath ?? settings.configPath;
    const { config, registry } = await loadConfig({
        path,
        env,
        pluginsFolder: options.pluginsFolder
    });
    return {
        settings,
        config,
        registry,
        keyring,
        clock: systemClock
    };
}

//# sourceMappingURL=runtime.js.map
