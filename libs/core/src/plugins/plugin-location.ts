import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A package that may hold a plugin, found on disk and not yet imported. */
export interface PluginLocation {
  /** Absolute folder, symbolic links followed. */
  folder: string;
  /** The id that the place promises: the folder's name, or what follows `keelson-plugin-` in the package's name. */
  id: string;
  packageName: string;
  packageJson: { name?: unknown; exports?: unknown };
}

const prefix = 'keelson-plugin-';

/** Whether an entry of `plugins:` names a package rather than an id. */
export function isPackageName(entry: string): boolean {
  return /^(@[^/]+\/)?keelson-plugin-/.test(entry);
}

/** The id in a plugin package's name, scope and prefix removed. */
export function idOfPackage(packageName: string): string {
  return packageName.replace(/^@[^/]+\//, '').replace(prefix, '');
}

/** Plugins in the plugins folder. A folder without package.json is none. An absent plugins folder holds none. */
export function listFolders(pluginsFolder: string): PluginLocation[] {
  if (!existsSync(pluginsFolder)) return [];
  return readdirSync(pluginsFolder)
    .sort()
    .flatMap((name) => {
      const folder = join(pluginsFolder, name);
      return existsSync(join(folder, 'package.json')) ? [locate(folder, name)] : [];
    });
}

/** The installed package of that name, searched in `node_modules` of each folder and of all folders above it. */
export function findInstalled(packageName: string, searchFrom: readonly string[]): PluginLocation | undefined {
  for (const modules of moduleFolders(searchFrom)) {
    const folder = join(modules, packageName);
    if (existsSync(join(folder, 'package.json'))) return locate(folder, idOfPackage(packageName));
  }
  return undefined;
}

/** Names of installed plugin packages, for messages. Scoped packages are found only by their full name. */
export function listInstalled(searchFrom: readonly string[]): string[] {
  const names = moduleFolders(searchFrom).flatMap((modules) =>
    readdirSync(modules).filter((n) => n.startsWith(prefix)),
  );
  return [...new Set(names)].sort();
}

/** The package in a folder, whether or not it is a plugin; its id is what its name promises. */
export function locateFolder(folder: string): PluginLocation {
  const found = locate(folder, '');
  return { ...found, id: idOfPackage(found.packageName) };
}

function moduleFolders(searchFrom: readonly string[]): string[] {
  const folders = new Set<string>();
  for (const start of searchFrom) {
    for (let folder = start; ; folder = dirname(folder)) {
      folders.add(join(folder, 'node_modules'));
      if (folder === dirname(folder)) break;
    }
  }
  return [...folders].filter((folder) => existsSync(folder));
}

function locate(folder: string, id: string): PluginLocation {
  const real = realpathSync(folder);
  const packageJson = readPackageJson(join(real, 'package.json'));
  return { folder: real, id, packageName: String(packageJson.name), packageJson };
}

/** An unreadable file counts as empty, so that a plugin that is not enabled cannot stop the boot. */
function readPackageJson(file: string): PluginLocation['packageJson'] {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) ?? {}) as PluginLocation['packageJson'];
  } catch {
    return {};
  }
}

/** Conditions of package exports that hold for this process: plugins run from source exactly when the core does. */
const conditions = new Set([
  ...(import.meta.url.endsWith('.ts') ? ['keelson-source'] : []),
  'node',
  'import',
  'module-sync',
  'default',
]);

/** The file that the package exports as its entry, or undefined when it exports none under the conditions of this process. */
export function entryOf(location: PluginLocation): string | undefined {
  const { exports } = location.packageJson;
  const root = typeof exports === 'object' && exports !== null && '.' in exports ? exports['.'] : exports;
  const target = pick(root);
  return target === undefined ? undefined : join(location.folder, target);
}

function pick(target: unknown): string | undefined {
  if (typeof target === 'string') return target;
  if (typeof target !== 'object' || target === null) return undefined;
  for (const [condition, next] of Object.entries(target)) {
    const found = conditions.has(condition) ? pick(next) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}
