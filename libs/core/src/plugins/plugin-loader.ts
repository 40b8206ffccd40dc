import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { Type } from '@nestjs/common';
import { redact } from '../secrets/redact.js';
import { manifestProblems } from './manifest-check.js';
import { PluginError } from './plugin-error.js';
import type { PluginLocation } from './plugin-location.js';
import { entryOf, findInstalled, isPackageName, listFolders, listInstalled, locateFolder } from './plugin-location.js';
import { manifestOf } from './plugin.decorator.js';
import type { LoadedPlugin } from './plugin-registry.js';
import { PluginRegistry } from './plugin-registry.js';

export interface PluginSearch {
  /** Ids or package names (`keelson-plugin-…`), as in `plugins:` of the configuration. */
  enabled: readonly string[];
  /** Absolute path of the folder whose subfolders are plugins. May be absent on disk. */
  pluginsFolder: string;
  /** Folders from which installed packages are looked up, as Node does. Default: the working directory. */
  searchFrom?: readonly string[];
}

/**
 * Finds, imports and checks the enabled plugins; a plugin that is not enabled is never imported. An id is looked up in the
 * plugins folder and then among installed packages.
 * @throws PluginError naming every plugin that is not found, malformed or written for another core, with the fix. The
 *   error that an import threw is kept as `cause`.
 */
export async function loadPlugins(search: PluginSearch): Promise<PluginRegistry> {
  const problems: string[] = [];
  const causes: unknown[] = [];
  const loaded: LoadedPlugin[] = [];
  const folders = listFolders(search.pluginsFolder);
  for (const entry of search.enabled) {
    const location = locate(entry, folders, search, problems);
    if (location === undefined) continue;
    try {
      const plugin = await importPlugin(location, problems);
      if (plugin !== undefined) loaded.push(plugin);
    } catch (cause) {
      causes.push(cause);
      problems.push(importFailure(location, cause));
    }
  }
  problems.push(...duplicates(loaded));
  if (problems.length > 0) {
    throw new PluginError(problems, { cause: causes.length > 1 ? new AggregateError(causes) : causes[0] });
  }
  return new PluginRegistry(loaded);
}

/**
 * Imports and checks the plugin in one folder, wherever it lies. Its id is what its package is called after `keelson-plugin-`.
 * @throws PluginError as `loadPlugins` does
 */
export async function loadPluginFolder(folder: string): Promise<LoadedPlugin> {
  const location = locateFolder(folder);
  const problems: string[] = [];
  const plugin = await importPlugin(location, problems).catch((cause: unknown) => {
    throw new PluginError([importFailure(location, cause)], { cause });
  });
  if (plugin === undefined) throw new PluginError(problems);
  return plugin;
}

function importFailure(location: PluginLocation, cause: unknown): string {
  const why = redact(cause instanceof Error ? cause.message : String(cause)).split('\n', 1)[0];
  return `plugin ${location.id} (${location.folder}) failed to import: ${why}`;
}

function locate(
  entry: string,
  folders: readonly PluginLocation[],
  search: PluginSearch,
  problems: string[],
): PluginLocation | undefined {
  const searchFrom = search.searchFrom ?? [process.cwd()];
  const packageName = isPackageName(entry) ? entry : `keelson-plugin-${entry}`;
  const inFolder = folders.find((found) => (isPackageName(entry) ? found.packageName === entry : found.id === entry));
  const installed = findInstalled(packageName, searchFrom);
  if (inFolder !== undefined && installed !== undefined && inFolder.folder !== installed.folder) {
    problems.push(`plugin ${entry} exists twice, in ${inFolder.folder} and ${installed.folder}: remove one of them`);
    return undefined;
  }
  const found = inFolder ?? installed;
  if (found === undefined) {
    const there = [...folders.map((folder) => folder.id), ...listInstalled(searchFrom)];
    problems.push(
      `plugin ${entry} is enabled but not found: put it into ${search.pluginsFolder}/${entry}, install ${packageName}, ` +
        `or remove it from plugins in keelson.config.yaml; found: ${[...new Set(there)].join(', ') || 'none'}`,
    );
  }
  return found;
}

async function importPlugin(location: PluginLocation, problems: string[]): Promise<LoadedPlugin | undefined> {
  const where = `plugin ${location.id} (${location.folder})`;
  const entry = entryOf(location);
  if (entry === undefined || !existsSync(entry)) {
    const what = entry === undefined ? 'its package.json exports no entry "."' : `its entry ${entry} does not exist`;
    problems.push(`${where}: ${what}; build the plugin or correct exports`);
    return undefined;
  }
  const exported = Object.values((await import(pathToFileURL(entry).href)) as Record<string, unknown>);
  const classes = [...new Set(exported.filter((value) => manifestOf(value) !== undefined))] as Type<unknown>[];
  const [module] = classes;
  const manifest = manifestOf(module);
  if (module === undefined || manifest === undefined || classes.length > 1) {
    problems.push(`${where} exports ${classes.length} classes decorated with @Plugin: export exactly one`);
    return undefined;
  }
  const wrong = manifestProblems(manifest);
  if (manifest.id !== location.id) {
    wrong.unshift(`its manifest says the id "${manifest.id}", its place says "${location.id}": make them the same`);
  }
  if (!isPackageName(location.packageName) || !location.packageName.endsWith(`keelson-plugin-${location.id}`)) {
    wrong.push(`its package is called "${location.packageName}": call it keelson-plugin-${location.id}`);
  }
  problems.push(...wrong.map((problem) => `${where}: ${problem}`));
  return wrong.length > 0
    ? undefined
    : { manifest, module, packageName: location.packageName, folder: location.folder };
}

function duplicates(loaded: readonly LoadedPlugin[]): string[] {
  return loaded.flatMap((plugin, index) => {
    const first = loaded.findIndex((other) => other.manifest.id === plugin.manifest.id);
    const earlier = loaded[first];
    return earlier === undefined || first === index
      ? []
      : [
          `two plugins have the id ${plugin.manifest.id}, ${earlier.folder} and ${plugin.folder}: enable one of them, once`,
        ];
  });
}
