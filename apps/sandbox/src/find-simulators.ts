import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StartSimulator } from '@keelson/testing/simulator';

/** A plugin that brings a simulator of its vendor. */
export interface FoundSimulator {
  plugin: string;
  start: StartSimulator;
}

/**
 * Imports the simulator of each of the plugins that has one. A plugin is a folder of the plugins folder.
 * @param plugins absent: every folder
 * @throws Error naming the package whose `simulator` export lacks `startSimulator`
 */
export async function findSimulators(
  pluginsFolder: string,
  plugins: readonly string[] = foldersOf(pluginsFolder),
): Promise<FoundSimulator[]> {
  const found: FoundSimulator[] = [];
  for (const plugin of plugins) {
    const { name, exports } = JSON.parse(readFileSync(join(pluginsFolder, plugin, 'package.json'), 'utf8')) as {
      name: string;
      exports?: Record<string, unknown>;
    };
    if (exports?.['./simulator'] === undefined) continue;
    const module = (await import(`${name}/simulator`)) as { startSimulator?: StartSimulator };
    if (module.startSimulator === undefined)
      throw new Error(`${name}/simulator exports no startSimulator: export it, or drop the export`);
    found.push({ plugin, start: module.startSimulator });
  }
  return found;
}

function foldersOf(pluginsFolder: string): string[] {
  return readdirSync(pluginsFolder)
    .filter((name) => existsSync(join(pluginsFolder, name, 'package.json')))
    .sort();
}
