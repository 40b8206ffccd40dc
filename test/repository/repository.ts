import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Absolute path of the repository, without a final slash. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

const skipped = new Set(['node_modules', 'dist', 'coverage', '.git', '.keelson']);

/** Files below a folder of the repository, as paths relative to the repository, sorted. */
export function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return skipped.has(entry.name) ? [] : filesBelow(path);
      return [path];
    })
    .sort();
}

/** Names of the folders directly below a folder. */
export function foldersIn(folder: string): string[] {
  return readdirSync(join(root, folder))
    .filter((name) => !skipped.has(name) && statSync(join(root, folder, name)).isDirectory())
    .sort();
}

/** Text of a file. */
export function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}
