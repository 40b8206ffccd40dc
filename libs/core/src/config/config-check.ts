import { makeAdapter, probeContext } from '../adapters/adapter-factory.js';
import type { PluginRegistry } from '../plugins/plugin-registry.js';
import { ports } from '../ports/all-ports.js';
import { ConfigError } from './config-error.js';
import { below, ConfigReader } from './config-reader.js';
import type {
  BindingsConfig,
  ConnectionConfig,
  KeelsonConfig,
  PortBindings,
  ServerConfig,
  RawConfig,
} from './config.types.js';
import { productTypes } from './config.types.js';
import { readLimits } from './connection-limits.js';
import { validateSettings } from './connection-settings.js';
import { readDriftConfig } from './drift-config.js';

/**
 * Checks a parsed configuration against the loaded plugins: settings by each plugin's own class, names of connections, and
 * whether a connection speaks the port it is bound to. Makes each adapter once, which does no input or output, to see that it can
 * be made.
 * @throws ConfigError with one line per problem
 */
export function checkConfig(raw: RawConfig, registry: PluginRegistry): KeelsonConfig {
  const check = new ConfigCheck(raw, registry);
  const connections = check.connections();
  const bindings = check.bindings();
  const servers = check.servers();
  const drift = readDriftConfig(check.reader, raw.data['drift']);
  const { problems } = check.reader;
  if (problems.length > 0) throw new ConfigError(problems.map((problem) => `${raw.file}: ${problem}`));
  return { plugins: raw.plugins, connections, bindings, servers, ...(drift && { drift }) };
}

class ConfigCheck {
  readonly reader = new ConfigReader();
  /** Name of every connection that was written, right or wrong → its plugin, when that is known. */
  private readonly pluginOf = new Map<string, string | undefined>();

  constructor(
    private readonly raw: RawConfig,
    private readonly registry: PluginRegistry,
  ) {}

  connections(): ConnectionConfig[] {
    const entries = Object.entries(this.reader.mapping(this.raw.data['connections'], 'connections'));
    return entries.flatMap(([name, value]) => this.connection(name, value) ?? []);
  }

  private connection(name: string, value: unknown): ConnectionConfig | undefined {
    const path = below('connections', name);
    const entry = this.reader.mapping(value, path, ['plugin', 'settings', 'limits']);
    const limits = readLimits(this.reader, entry['limits'], below(path, 'limits'));
    const id = this.reader.text(entry['plugin'], below(path, 'plugin'));
    const plugin = id === undefined ? undefined : this.registry.find(id);
    this.pluginOf.set(name, plugin?.manifest.id);
    if (!/^[a-z0-9][a-z0-9_-]{0,62}$/.test(name)) {
      this.reader.problem(path, 'a connection is named with lower-case letters, digits, - and _');
    }
    if (id === undefined) return undefined;
    if (plugin === undefined) {
      const enabled = this.registry.list().map((known) => known.manifest.id);
      return this.reader.problem(below(path, 'plugin'), `no enabled plugin "${id}"; ${known(enabled, 'enabled')}`);
    }
    const checked = validateSettings(plugin.manifest.settings, entry['settings'] ?? {});
    if (!checked.ok) {
      for (const { setting, message } of checked.problems) {
        const at = below(below(path, 'settings'), setting).replace(/\.$/, '');
        this.reader.problem(at, message + this.origin(at));
      }
      return undefined;
    }
    for (const offer of plugin.manifest.adapters) {
      try {
        makeAdapter(offer, checked.settings, probeContext(name));
      } catch (error) {
        this.reader.problem(path, error instanceof Error ? error.message : String(error));
      }
    }
    return {
      name,
      plugin: plugin.manifest.id,
      settings: checked.settings,
      ...(Object.keys(limits).length > 0 && { limits }),
    };
  }

  /** Names the variables that a value came from, so that the operator knows where to look. */
  private origin(path: string): string {
    const names = this.raw.variables.get(path);
    return names === undefined ? '' : ` (from ${names.join(', ')})`;
  }

  bindings(): BindingsConfig {
    const entry = this.reader.mapping(this.raw.data['bindings'], 'bindings', ['default', 'products', ...productTypes]);
    const types = productTypes.flatMap((type) =>
      entry[type] === undefined ? [] : [[type, this.portBindings(entry[type], below('bindings', type))] as const],
    );
    const products = Object.entries(this.reader.mapping(entry['products'], 'bindings.products'));
    return {
      default: this.portBindings(entry['default'], 'bindings.default'),
      types: Object.fromEntries(types),
      products: Object.fromEntries(
        products.map(([slug, value]) => [slug, this.portBindings(value, below('bindings.products', slug))]),
      ),
    };
  }

  private portBindings(value: unknown, path: string): PortBindings {
    const entry = this.reader.mapping(value, path, Object.keys(ports));
    return Object.fromEntries(
      Object.entries(entry).map(([port, bound]) => {
        const names = Array.isArray(bound) ? bound : [bound];
        const at = below(path, port);
        return [port, names.flatMap((name) => this.connectionFor(name, port, at) ?? [])];
      }),
    );
  }

  /** The name, when such a connection exists and speaks the port. */
  private connectionFor(value: unknown, port: string, path: string): string | undefined {
    const name = this.reader.text(value, path);
    if (name === undefined) return undefined;
    if (!this.pluginOf.has(name)) {
      return this.reader.problem(path, `no connection named "${name}"; ${known([...this.pluginOf.keys()])}`);
    }
    const plugin = this.pluginOf.get(name);
    if (plugin === undefined || this.registry.adapterOffer(plugin, port) !== undefined) return name;
    const spoken = this.registry.get(plugin).manifest.adapters.map((offer) => offer.port);
    return this.reader.problem(
      path,
      `the connection "${name}" (plugin ${plugin}) does not speak ${port}; it speaks: ${spoken.join(', ')}`,
    );
  }

  servers(): ServerConfig[] {
    const names = new Set<string>();
    return this.reader.list(this.raw.data['servers'], 'servers').flatMap((value, index) => {
      const path = `servers[${index}]`;
      const entry = this.reader.mapping(value, path, [
        'name',
        'connection',
        'group',
        'capacity',
        'region',
        'nameservers',
      ]);
      const name = this.reader.text(entry['name'], below(path, 'name'));
      const connection = this.connectionFor(entry['connection'], 'provisioner', below(path, 'connection'));
      const group = this.reader.text(entry['group'], below(path, 'group'));
      const capacity = this.reader.count(entry['capacity'], below(path, 'capacity'));
      const region = this.reader.optionalText(entry['region'], below(path, 'region'));
      const at = below(path, 'nameservers');
      const nameservers = this.reader.list(entry['nameservers'], at).map((host) => this.reader.text(host, at) ?? '');
      if (name !== undefined && names.has(name))
        this.reader.problem(below(path, 'name'), `a server "${name}" is already there`);
      if (name === undefined || connection === undefined || group === undefined || capacity === undefined) return [];
      names.add(name);
      return [
        {
          name,
          connection,
          group,
          capacity,
          ...(region && { region }),
          ...(nameservers.length > 0 && { nameservers }),
        },
      ];
    });
  }
}

function known(names: readonly string[], word = 'known'): string {
  return `${word}: ${names.join(', ') || 'none'}`;
}
