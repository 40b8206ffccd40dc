import { describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { checkPlugin } from '../../apps/cli/src/plugin-kit/index.js';
import { filesBelow, foldersIn, read, root } from './repository.js';

interface PackageJson {
  name: string;
  license: string;
  private?: boolean;
  engines: { node: string };
  files: string[];
  exports: Record<string, Record<string, string>>;
}

const linesOf = (path: string): number => read(path).split('\n').length - 1;

describe.each(foldersIn('plugins'))('the plugin %s', (id) => {
  const { name, license, engines, exports, files, ...rest } = JSON.parse(
    read(`plugins/${id}/package.json`),
  ) as PackageJson;

  it('is one with which keelson plugin check finds nothing wrong', async () => {
    expect((await checkPlugin(join(root, 'plugins', id))).problems).toEqual([]);
  });

  it('can be published on its own, and runs from source here', () => {
    expect({ name, license, node: engines.node, files, private: rest.private }).toEqual({
      name: `keelson-plugin-${id}`,
      license: 'Apache-2.0',
      node: expect.stringContaining('20.19'),
      files: ['dist'],
      private: undefined,
    });
    for (const [entry, folder] of [
      ['.', 'src'],
      ['./simulator', 'simulator'],
    ] as const) {
      expect(exports[entry]).toEqual({
        'keelson-source': `./${folder}/index.ts`,
        types: `./dist/${folder}/index.d.ts`,
        default: `./dist/${folder}/index.js`,
      });
    }
  });
});

// What the kit is measured by: a vendor of every capability that it has, or of a whole zone API, fits into so many lines.
describe.each(['directadmin', 'cloudflare'])('the source of the plugin %s', (id) => {
  it('has fewer than 350 lines, comments and blank ones included', () => {
    const sources = filesBelow(`plugins/${id}/src`);
    expect(sources.length).toBeGreaterThan(6);
    expect(sources.map(linesOf).reduce((sum, lines) => sum + lines, 0)).toBeLessThan(350);
  });
});
