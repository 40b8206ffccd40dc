import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, it } from '@jest/globals';

/**
 * One test that fails with the list of what a generated plugin still lacks: every `notWritten('…')` in its folders.
 * @param specUrl `import.meta.url` of a spec in the plugin's folder `test`
 */
export function describeWritten(title: string, specUrl: string): void {
  describe(`${title}: what is left to write`, () => {
    it('is nothing', () => {
      const left = leftToWrite(join(dirname(fileURLToPath(specUrl)), '..'));
      if (left.length > 0) throw new Error(`${left.length} things are left to write:\n${left.join('\n')}`);
    });
  });
}

/** `src/acme.adapter.ts:12  dns.ensureZone` for each place in a plugin; given its compiled output, in what that was made of. */
export function leftToWrite(given: string): string[] {
  const folder = basename(given) === 'dist' ? dirname(given) : given;
  return ['simulator', 'src', 'test']
    .filter((part) => existsSync(join(folder, part)))
    .flatMap((part) =>
      readdirSync(join(folder, part))
        .filter((file) => file.endsWith('.ts'))
        .sort()
        .flatMap((file) => inFile(folder, `${part}/${file}`)),
    );
}

function inFile(folder: string, path: string): string[] {
  return readFileSync(join(folder, path), 'utf8')
    .split('\n')
    .flatMap((line, index) =>
      [...line.matchAll(/\bnotWritten\((['"])(.+?)\1/g)].map(([, , what]) => `  ${path}:${index + 1}  ${what}`),
    );
}
