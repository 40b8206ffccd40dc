import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mailPlugin, PluginFixtures } from '../../test/plugin-fixtures.js';
import { PluginError } from './plugin-error.js';
import { loadPluginFolder, loadPlugins } from './plugin-loader.js';

let fixtures: PluginFixtures;
const imported = (): string[] => (globalThis as { importedPlugins?: string[] }).importedPlugins ?? [];

beforeAll(() => {
  fixtures = new PluginFixtures();
});
afterAll(() => fixtures.remove());

const load = (...enabled: string[]) =>
  loadPlugins({ enabled, pluginsFolder: fixtures.pluginsFolder, searchFrom: [fixtures.app] });

const refusal = async (...enabled: string[]): Promise<PluginError> => {
  const outcome = await load(...enabled).catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(PluginError);
  return outcome as PluginError;
};

describe('loadPlugins', () => {
  it('finds plugins by id in the folder and by package name or id among installed packages', async () => {
    fixtures.folder('courier', mailPlugin('courier'));
    fixtures.installed('keelson-plugin-outside', mailPlugin('outside'));
    fixtures.installed('@acme/keelson-plugin-scoped', mailPlugin('scoped'));
    const registry = await load('courier', 'outside', '@acme/keelson-plugin-scoped');
    expect(registry.list().map((plugin) => plugin.manifest.id)).toEqual(['courier', 'outside', 'scoped']);
    expect(registry.adapterOffer('courier', 'mail')?.portVersion).toBe(1);
    expect(registry.adapterOffer('courier', 'dns')).toBeUndefined();
    expect(() => registry.get('nobody')).toThrow(/no enabled plugin "nobody".*enabled: courier, outside, scoped/);
  });

  it('never imports a plugin that is not enabled, not even a broken one', async () => {
    fixtures.folder('asleep', mailPlugin('asleep'));
    fixtures.folder('broken', 'this is no JavaScript');
    writeFileSync(join(fixtures.pluginsFolder, 'broken', 'package.json'), '{ "name":');
    fixtures.folder('awake', mailPlugin('awake'));
    await load('awake');
    expect(imported()).toContain('awake');
    expect(imported()).not.toContain('asleep');
  });

  it('starts with no plugins and no plugins folder', async () => {
    const registry = await loadPlugins({ enabled: [], pluginsFolder: join(fixtures.root, 'absent') });
    expect(registry.list()).toEqual([]);
  });

  it('says what is there when an enabled plugin is not found', async () => {
    fixtures.folder('present', mailPlugin('present'));
    const { message } = await refusal('absent');
    expect(message).toMatch(
      /plugin absent is enabled but not found: put it into .*plugins\/absent, install keelson-plugin-absent/,
    );
    expect(message).toMatch(/found: .*present/);
    expect(message.split('\n')).toHaveLength(1);
  });

  it.each([
    [
      'unknown-port',
      { adapters: '[{ port: "fax", portVersion: 1, capabilities: [], create() {} }]' },
      /unknown port "fax": this core has provisioner, registrar, dns/,
    ],
    [
      'unknown-skill',
      { adapters: '[{ port: "mail", portVersion: 1, capabilities: ["fax"], create() {} }]' },
      /unknown capability "fax" of the port mail: known are dkim/,
    ],
    [
      'too-new',
      { adapters: '[{ port: "mail", portVersion: 9, capabilities: [], create() {} }]' },
      /speaks version 9 of the port mail, this core speaks version 1: upgrade Keelson/,
    ],
    [
      'too-old',
      { adapters: '[{ port: "mail", portVersion: 0, capabilities: [], create() {} }]' },
      /version 0 of the port mail.*install a newer version of the plugin/,
    ],
    ['idle', { adapters: '[]' }, /offers no adapter/],
    [
      'twice',
      { adapters: '[1, 1].map(() => ({ port: "mail", portVersion: 1, capabilities: [], create() {} }))' },
      /offers the port mail twice/,
    ],
    ['liar', { id: '"somebody-else"' }, /manifest says the id "somebody-else", its place says "liar"/],
    ['undescribed', { settings: 'Undescribed' }, /setting Undescribed\.colour is not described: add @Setting/],
    ['unruled', { settings: 'Unruled' }, /setting Unruled\.colour has no rule: add a class-validator decorator/],
  ] as const)('refuses the manifest of %s and says the fix', async (id, manifest, message) => {
    const classes = `
      class Undescribed { colour = 'red' }
      class Unruled { colour = 'red' }
      Setting({ description: 'Colour.' })(Unruled.prototype, 'colour');`;
    fixtures.folder(id, mailPlugin(id, manifest, classes));
    expect((await refusal(id)).message).toMatch(message);
  });

  it('refuses a package that is not called after its id', async () => {
    fixtures.folder('misnamed', mailPlugin('misnamed'), { name: 'my-mail' });
    expect((await refusal('misnamed')).message).toMatch(
      /its package is called "my-mail": call it keelson-plugin-misnamed/,
    );
  });

  it('refuses a package without a plugin class, and one with two', async () => {
    fixtures.folder('empty', 'export const nothing = 1;');
    fixtures.folder(
      'double',
      `${mailPlugin('double')}\nexport class Second {}\nPlugin(${'{ id: "x", settings: Settings, adapters: [] }'})(Second);`,
    );
    const { problems } = await refusal('empty', 'double');
    expect(problems[0]).toMatch(/exports 0 classes decorated with @Plugin: export exactly one/);
    expect(problems[1]).toMatch(/exports 2 classes decorated with @Plugin: export exactly one/);
  });

  it('refuses a plugin that was not built', async () => {
    fixtures.folder('unbuilt', mailPlugin('unbuilt'), { exports: { '.': { default: './dist/index.js' } } });
    fixtures.folder('closed', mailPlugin('closed'), { exports: { './other': './index.js' } });
    const { problems } = await refusal('unbuilt', 'closed');
    expect(problems[0]).toMatch(/its entry .*dist\/index\.js does not exist; build the plugin/);
    expect(problems[1]).toMatch(/its package\.json exports no entry "\."/);
  });

  it('keeps the cause of an import error and shows no secret of it', async () => {
    fixtures.folder('exploding', 'throw new Error("no licence, password=hunter22secret\\nsecond line");');
    const error = await refusal('exploding');
    expect(error.message).toMatch(/plugin exploding .* failed to import: no licence/);
    expect(error.message).not.toMatch(/hunter22|second line/);
    expect((error.cause as Error).message).toContain('second line');
  });

  it('refuses duplicate ids, whether listed twice or installed beside the folder', async () => {
    fixtures.folder('both', mailPlugin('both'));
    fixtures.installed('keelson-plugin-both', mailPlugin('both'));
    fixtures.installed('@acme/keelson-plugin-courier', mailPlugin('courier'));
    fixtures.folder('courier', mailPlugin('courier'));
    expect((await refusal('both')).message).toMatch(/exists twice, in .*plugins\/both and .*node_modules/);
    expect((await refusal('courier', '@acme/keelson-plugin-courier')).message).toMatch(
      /two plugins have the id courier/,
    );
  });

  it('reports every bad plugin at once, a line each', async () => {
    const { problems } = await refusal('nowhere', 'elsewhere');
    expect(problems).toHaveLength(2);
  });
});

describe('loadPluginFolder', () => {
  it('loads the plugin of a folder by the name of its package, wherever it lies', async () => {
    fixtures.folder('checkout', mailPlugin('outside'), { name: '@acme/keelson-plugin-outside' });
    const { manifest, packageName } = await loadPluginFolder(join(fixtures.pluginsFolder, 'checkout'));
    expect([manifest.id, packageName]).toEqual(['outside', '@acme/keelson-plugin-outside']);
  });

  it('refuses what loadPlugins refuses, and keeps the cause', async () => {
    fixtures.folder('torn', 'throw new Error("no licence");');
    fixtures.folder('other-name', mailPlugin('another'));
    const torn = await loadPluginFolder(join(fixtures.pluginsFolder, 'torn')).catch((error: unknown) => error);
    expect(torn).toMatchObject({ name: 'PluginError', cause: { message: 'no licence' } });
    await expect(loadPluginFolder(join(fixtures.pluginsFolder, 'other-name'))).rejects.toThrow(
      /its manifest says the id "another", its place says "other-name": make them the same/,
    );
  });
});
