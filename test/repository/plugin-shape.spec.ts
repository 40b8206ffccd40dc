import { describe, expect, it } from '@jest/globals';
import type { PluginManifest } from '@keelson/core';
import { loadPlugins, settingsOf } from '@keelson/core';
import { join } from 'node:path';
import { filesBelow, foldersIn, read, root } from './repository.js';

interface PackageJson {
  name: string;
  license: string;
  type: string;
  private?: boolean;
  engines: { node: string };
  files: string[];
  exports: Record<string, Record<string, string>>;
  dependencies: Record<string, string>;
}

const plugins = foldersIn('plugins');
const manifestOf = async (id: string): Promise<PluginManifest> =>
  (await loadPlugins({ enabled: [id], pluginsFolder: join(root, 'plugins'), searchFrom: [root] })).get(id).manifest;

describe.each(plugins)('the plugin %s', (id) => {
  const room = `plugins/${id}`;
  const files = filesBelow(room).map((path) => path.slice(room.length + 1));
  const sources = files.filter((path) => /^src\/.*\.ts$/.test(path));
  const { name, license, type, engines, exports, dependencies, ...rest } = JSON.parse(
    read(`${room}/package.json`),
  ) as PackageJson;

  it('has the rooms of every plugin', () => {
    const always = ['README.md', 'src/index.ts', 'simulator/index.ts'];
    const roles = ['plugin', 'config', 'errors'].map((role) => `src/${id}.${role}.ts`);
    for (const path of [...always, ...roles]) expect(files).toContain(path);
    for (const role of ['adapter', 'client', 'mapper']) {
      expect(sources.filter((path) => path.endsWith(`.${role}.ts`))).not.toEqual([]);
    }
    expect(files.filter((path) => /^test\/.*\.conformance\.spec\.ts$/.test(path))).not.toEqual([]);
    expect(files.filter((path) => /^test\/.*[^e]\.spec\.ts$/.test(path))).not.toEqual([]);
  });

  it('has no other rooms', () => {
    expect(files.filter((path) => !/^(src|simulator|test)\/|^(README\.md|package\.json|LICENSE)$/.test(path))).toEqual(
      [],
    );
  });

  it('can be published on its own', () => {
    expect({ name, license, type, node: engines.node, files: rest.files, private: rest.private }).toEqual({
      name: `keelson-plugin-${id}`,
      license: 'Apache-2.0',
      type: 'module',
      node: expect.stringContaining('20.19'),
      files: ['dist'],
      private: undefined,
    });
    expect(exports['.']).toEqual({
      'keelson-source': './src/index.ts',
      types: './dist/src/index.d.ts',
      default: './dist/src/index.js',
    });
    expect(exports['./simulator']?.['keelson-source']).toBe('./simulator/index.ts');
    expect(Object.keys(dependencies)).toContain('@keelson/core');
    expect(
      Object.keys(dependencies).filter((dependency) =>
        /typeorm|bullmq|^keelson-plugin-|^@keelson\/(?!core$)/.test(dependency),
      ),
    ).toEqual([]);
  });

  it('reads no environment, logs nothing, and owns no entity', () => {
    const forbidden = /process\.env|\bconsole\.|\bnew Logger\(|@Entity\(|\bsetInterval\(/;
    expect(sources.filter((path) => forbidden.test(read(`${room}/${path}`)))).toEqual([]);
    expect(sources.filter((path) => path.endsWith('.entity.ts'))).toEqual([]);
  });

  it('offers at least one adapter, and a conformance spec for each port it speaks', async () => {
    const manifest = await manifestOf(id);
    expect(manifest.id).toBe(id);
    const suites = files.filter((path) => path.endsWith('.conformance.spec.ts')).map((path) => read(`${room}/${path}`));
    for (const { port } of manifest.adapters) {
      const suite = new RegExp(`describe${port}Adapter`, 'i');
      expect(suites.filter((text) => suite.test(text))).not.toEqual([]);
    }
  });

  it('tells about every setting in its README', async () => {
    const readme = read(`${room}/README.md`);
    const missing = settingsOf((await manifestOf(id)).settings).filter(
      (setting) => !readme.includes(`\`${setting.name}\``),
    );
    expect(missing.map((setting) => setting.name)).toEqual([]);
  });
});
