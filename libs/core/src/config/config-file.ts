import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseDocument } from 'yaml';
import { loadPlugins } from '../plugins/plugin-loader.js';
import type { PluginRegistry } from '../plugins/plugin-registry.js';
import { checkConfig } from './config-check.js';
import { ConfigError } from './config-error.js';
import { ConfigReader } from './config-reader.js';
import type { KeelsonConfig, RawConfig } from './config.types.js';
import { interpolate } from './interpolation.js';

/**
 * Reads the file, loads the plugins it enables and checks everything against them.
 * @throws ConfigError or PluginError with one line per problem
 */
export async function loadConfig(options: {
  /** Absolute path of `keelson.config.yaml`. */
  path: string;
  env: NodeJS.ProcessEnv;
  pluginsFolder: string;
  /** See `PluginSearch.searchFrom`. */
  searchFrom?: readonly string[];
}): Promise<{ config: KeelsonConfig; registry: PluginRegistry }> {
  const raw = parseConfig(readText(options.path), { file: basename(options.path), env: options.env });
  const { pluginsFolder, searchFrom } = options;
  const registry = await loadPlugins({ enabled: raw.plugins, pluginsFolder, searchFrom });
  return { config: checkConfig(raw, registry), registry };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : 'cannot be read';
    throw new ConfigError([`${path} ${why}: create it, or point KEELSON_CONFIG to your keelson.config.yaml`], {
      cause,
    });
  }
}

/** Parses YAML 1.2 and fills in variables. @throws ConfigError for bad YAML, a missing variable, or a bad list of plugins */
export function parseConfig(text: string, options: { file: string; env: NodeJS.ProcessEnv }): RawConfig {
  const { file, env } = options;
  const document = parseDocument(text, { prettyErrors: true });
  if (document.errors.length > 0) {
    const lines = document.errors.map((error) => `${file}: ${error.message.split('\n', 1)[0]}`);
    throw new ConfigError(lines.map((line) => line.replace(/:$/, '')));
  }
  const { data, variables, problems } = interpolate(document.toJS({ maxAliasCount: 100 }), env);
  const reader = new ConfigReader();
  const top = reader.mapping(data, '(top)', ['plugins', 'connections', 'bindings', 'servers', 'drift']);
  const plugins = reader
    .list(top['plugins'], 'plugins')
    .map((entry, index) => reader.text(entry, `plugins[${index}]`) ?? '');
  for (const [index, entry] of plugins.entries()) {
    if (plugins.indexOf(entry) !== index) reader.problem(`plugins[${index}]`, `"${entry}" is listed twice`);
  }
  const all = [...problems, ...reader.problems.map((problem) => problem.replace(/^\(top\)\.?/, ''))];
  if (all.length > 0) throw new ConfigError(all.map((problem) => `${file}: ${problem}`));
  return { file, plugins, data: top, variables };
}
