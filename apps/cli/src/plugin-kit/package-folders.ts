import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Folder of a package of Keelson as this program would import it.
 * @throws Error when it is not installed
 */
export function packageFolder(name: string): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return realpathSync(candidate);
    if (folder === dirname(folder)) throw new Error(`${name} is not installed: run npm install`);
  }
}

/** TypeScript files of a folder of a package: its sources in a checkout, its declarations when it was installed. */
export function typescriptFiles(packageName: string, folder: string, suffix: string): string[] {
  const root = packageFolder(packageName);
  for (const [base, ending] of [
    [join(root, 'src', folder), `${suffix}.ts`],
    [join(root, 'dist', 'src', folder), `${suffix}.d.ts`],
  ] as const) {
    if (!existsSync(base)) continue;
    return readdirSync(base)
      .filter((file) => file.endsWith(ending) && !file.endsWith('spec.ts'))
      .sort()
      .map((file) => join(base, file));
  }
  throw new Error(
    `${packageName} holds neither sources nor declarations of ${folder}: build it with npm run build:types`,
  );
}
