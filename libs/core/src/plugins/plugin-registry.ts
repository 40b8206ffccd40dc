import type { Type } from '@nestjs/common';
import type { AdapterOffer, PluginManifest } from './plugin.decorator.js';
import { PluginError } from './plugin-error.js';

/** An enabled plugin, imported and checked. */
export interface LoadedPlugin {
  manifest: PluginManifest;
  /** The Nest module, for the application's imports. */
  module: Type<unknown>;
  packageName: string;
  /** Absolute folder of the package. */
  folder: string;
}

/** The enabled plugins of this process. */
export class PluginRegistry {
  private readonly plugins: ReadonlyMap<string, LoadedPlugin>;

  constructor(plugins: readonly LoadedPlugin[] = []) {
    this.plugins = new Map(plugins.map((plugin) => [plugin.manifest.id, plugin]));
  }

  /** Enabled plugins in the order of the configuration. */
  list(): LoadedPlugin[] {
    return [...this.plugins.values()];
  }

  find(id: string): LoadedPlugin | undefined {
    return this.plugins.get(id);
  }

  /** @throws PluginError when no enabled plugin has that id */
  get(id: string): LoadedPlugin {
    const plugin = this.plugins.get(id);
    if (plugin !== undefined) return plugin;
    const known = [...this.plugins.keys()].join(', ') || 'none';
    throw new PluginError([`no enabled plugin "${id}": add it to plugins in keelson.config.yaml; enabled: ${known}`]);
  }

  /** What the plugin offers for the port, or undefined when it does not speak it. Throws `PluginError` for an unknown plugin. */
  adapterOffer(plugin: string, port: string): AdapterOffer | undefined {
    return this.get(plugin).manifest.adapters.find((offer) => offer.port === port);
  }
}
