import { PluginError } from './plugin-error.js';
/** The enabled plugins of this process. */ export class PluginRegistry {
    constructor(plugins = []){
        this.plugins = new Map(plugins.map((plugin)=>[
                plugin.manifest.id,
                plugin
            ]));
    }
    /** Enabled plugins in the order of the configuration. */ list() {
        return [
            ...this.plugins.values()
        ];
    }
    find(id) {
        return this.plugins.get(id);
    }
    /** @throws PluginError when no enabled plugin has that id */ get(id) {
        const plugin = this.plugins.get(id);
        if (plugin !== undefined) return plugin;
        const known = [
            ...this.plugins.keys()
        ].join(', ') || 'none';
        throw new PluginError([
            `no enabled plugin "${id}": add it to plugins in keelson.config.yaml; enabled: ${known}`
        ]);
    }
    /** What the plugin offers for the port, or undefined when it does not speak it. Throws `PluginError` for an unknown plugin. */ adapterOffer(plugin, port) {
        return this.get(plugin).manifest.adapters.find((offer)=>offer.port === port);
    }
}

//# sourceMappingURL=plugin-registry.js.map
