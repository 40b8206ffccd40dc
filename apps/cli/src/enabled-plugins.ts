import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** Ids of the plugins that a configuration file enables. Looks at nothing else in it, so that its variables may be unset. */
export function enabledPlugins(configFile: string): string[] {
  const { plugins = [] } = parse(readFileSync(configFile, 'utf8')) as { plugins?: string[] };
  return plugins;
}
