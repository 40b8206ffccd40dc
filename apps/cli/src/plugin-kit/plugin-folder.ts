import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** What `package.json` of a plugin may say; nothing of it is trusted. */
export interface PluginPackageJson {
  name?: unknown;
  version?: unknown;
  license?: unknown;
  type?: unknown;
  engines?: { node?: unknown };
  files?: unknown;
  exports?: Record<string, unknown>;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

/** A plugin as its folder shows it, before anything of it is imported. */
export interface PluginFolder {
  folder: string;
  /** What follows `keelson-plugin-` in the package's name; the folder's name when the package is called otherwise. */
  vendor: string;
  packageJson: PluginPackageJson;
  /** In the folder `plugins` of a checkout, or a package of its own. */
  home: 'checkout' | 'package';
  /** Paths relative to the folder, sorted, without what is installed or built. */
  files: string[];
}

const skipped = new Set(['node_modules', 'dist', 'coverage', '.git']);

/** @throws Error when the folder holds no readable package.json */
export function readPluginFolder(folder: string): PluginFolder {
  const file = join(folder, 'package.json');
  if (!existsSync(file))
    throw new Error(`${file} does not exist: name the folder of a plugin, or make one with keelson plugin new`);
  const packageJson = JSON.parse(readFileSync(file, 'utf8')) as PluginPackageJson;
  const [, vendor] = /^(?:@[^/]+\/)?keelson-plugin-(.+)$/.exec(String(packageJson.name)) ?? [];
  return {
    folder,
    vendor: vendor ?? basename(folder),
    packageJson,
    home: existsSync(join(dirname(dirname(folder)), 'nest-cli.json')) ? 'checkout' : 'package',
    files: filesBelow(folder, ''),
  };
}

/** Text of a file of the plugin. */
export function textOf({ folder }: PluginFolder, path: string): string {
  return readFileSync(join(folder, path), 'utf8');
}

function filesBelow(folder: string, prefix: string): string[] {
  return readdirSync(join(folder, prefix), { withFileTypes: true })
    .flatMap((entry) => {
      const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
      if (entry.isDirectory()) return skipped.has(entry.name) ? [] : filesBelow(folder, path);
      return [path];
    })
    .sort();
}
