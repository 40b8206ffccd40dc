import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dnsPort } from '@keelson/core';
import { PluginCheckout } from '../../test/plugin-checkout.js';
import { checkPlugin } from './check-plugin.js';

const plugins = fileURLToPath(new URL('../../../../plugins', import.meta.url));
let checkout: PluginCheckout;

beforeAll(() => {
  checkout = new PluginCheckout();
});
afterAll(() => checkout.remove());

/** A plugin of that name with something wrong in it, and what the check says about it. */
async function problemsOf(vendor: string, spoil: () => void): Promise<string[]> {
  checkout.generate(vendor, 'dns');
  spoil();
  const { problems } = await checkPlugin(join(checkout.plugins, vendor));
  return problems.filter((problem) => !problem.includes('is not written'));
}

describe('the check of a plugin', () => {
  it('lists what a generated plugin still lacks, by place, and nothing else', async () => {
    const { problems, conformance } = await checkPlugin(checkout.generate('fresh', 'dns'));
    for (const method of dnsPort.methods) {
      expect(problems).toContainEqual(
        expect.stringMatching(new RegExp(`^src/fresh\\.adapter\\.ts:\\d+: dns\\.${method} is not written: write it`)),
      );
    }
    expect(problems).toContainEqual(
      expect.stringMatching(/^test\/fresh\.conformance\.spec\.ts:\d+: DnsEnvironment\.\w+ is/),
    );
    expect(problems).toContainEqual(expect.stringMatching(/^simulator\/fresh\.simulator\.ts:\d+: the routes/));
    expect(problems.filter((problem) => !problem.includes('is not written'))).toEqual([]);
    expect(conformance).toMatch(/--selectProjects conformance -- plugins\/fresh$/);
  });

  it('finds nothing wrong with a finished plugin', async () => {
    expect((await checkPlugin(join(plugins, 'powerdns'))).problems).toEqual([]);
  });

  it('names the files that are missing and those that are too many', async () => {
    const problems = await problemsOf('files', () => {
      for (const path of ['src/files.mapper.ts', 'test/files.client.spec.ts', 'test/files.errors.spec.ts'])
        rmSync(join(checkout.plugins, 'files', path));
      checkout.write('files', 'notes.txt', 'remember');
    });
    expect(problems).toEqual([
      expect.stringMatching(/^src\/files\.mapper\.ts is missing: write it/),
      expect.stringMatching(/^a test is missing: write test\/files\.errors\.spec\.ts/),
      'notes.txt has no place here: move it into src/, simulator/ or test/',
    ]);
  });

  it('says what package.json lacks for a plugin that is published', async () => {
    const problems = await problemsOf('bundle', () => {
      checkout.edit('bundle', 'package.json', '"type": "module",', '');
      checkout.edit('bundle', 'package.json', '"dist"', '"src"');
      checkout.edit('bundle', 'package.json', '"@keelson/core"', '"@keelson/hosting"');
      checkout.edit('bundle', 'package.json', '"types": "./dist/simulator/index.d.ts",', '');
    });
    expect(problems).toEqual(
      expect.arrayContaining([
        'package.json: set "type" to "module": Keelson imports ES modules',
        'package.json: list "dist" in "files", so that what is published can run',
        'package.json: set exports["./simulator"].types to ./dist/simulator/index.d.ts',
        'package.json: list @keelson/core in "dependencies"',
        expect.stringMatching(
          /^package\.json: take @keelson\/hosting out of "dependencies": a plugin imports @keelson\/core/,
        ),
      ]),
    );
  });

  it('points at each import and each call that a plugin must not have', async () => {
    const lines = [
      "import { describeWritten } from '@keelson/testing';",
      "import { x } from '@keelson/core/dist/src/ports/dns.port.js';",
      "import { y } from 'keelson-plugin-other';",
      "import { z } from '../../other/src/index.js';",
      "import { DataSource } from 'typeorm';",
      "import leftPad from 'left-pad';",
      'export const region = process.env.REGION;',
      'export const say = () => console.log(region);',
      'export const poll = () => setInterval(say, 1000);',
      'export const now = () => Date.now();',
    ];
    const problems = await problemsOf('caller', () =>
      checkout.write('caller', 'src/caller.content.ts', `${lines.join('\n')}\n`),
    );
    expect(problems).toEqual([
      'src/caller.content.ts:1: imports @keelson/testing: it is for tests and the simulator',
      expect.stringMatching(
        /^src\/caller\.content\.ts:2: imports @keelson\/core\/dist.*: import from "@keelson\/core"/,
      ),
      'src/caller.content.ts:3: imports keelson-plugin-other: plugins meet only through ports (context.findAdapter)',
      "src/caller.content.ts:4: imports ../../other/src/index.js: stay inside the plugin's folder",
      expect.stringMatching(/^src\/caller\.content\.ts:5: imports typeorm: a plugin owns no tables/),
      'src/caller.content.ts:6: imports left-pad: list left-pad in "dependencies" of package.json',
      'src/caller.content.ts:7: uses process.env: make it a setting: a plugin reads no environment',
      expect.stringMatching(/^src\/caller\.content\.ts:8: uses console\.log: throw a PortError/),
      expect.stringMatching(/^src\/caller\.content\.ts:9: uses setInterval: a plugin starts nothing/),
      'src/caller.content.ts:10: uses Date.now: take the time from context.clock',
    ]);
  });

  it('says what is wrong with the manifest', async () => {
    const problems = await problemsOf('manifest', () => {
      checkout.edit('manifest', 'src/manifest.plugin.ts', "id: 'manifest'", "id: 'another'");
      checkout.edit('manifest', 'src/manifest.plugin.ts', 'portVersion: 1', 'portVersion: 99');
    });
    expect(problems).toEqual([
      expect.stringMatching(/its manifest says the id "another", its place says "manifest": make them the same$/),
      expect.stringMatching(/it speaks version 99 of the port dns, this core speaks version 1: upgrade Keelson$/),
    ]);
  });

  it('compares settings with their descriptions, their names and the README', async () => {
    const problems = await problemsOf('settings', () => {
      checkout.edit('settings', 'src/settings.config.ts', ', secret: true', '');
      checkout.edit('settings', 'src/settings.config.ts', 'Address of the API.', '');
      checkout.edit('settings', 'README.md', '`url`', 'the address');
    });
    expect(problems).toEqual([
      'README.md does not tell about the setting `url`: add it to the table of settings',
      'the setting url has an empty description: say what the operator enters',
      'the setting apiToken looks like a secret: add secret: true to its @Setting, or call it otherwise',
    ]);
  });

  it('misses capabilities that the README does not tell about', async () => {
    const problems = await problemsOf('silent', () => {
      checkout.edit(
        'silent',
        'src/silent.plugin.ts',
        'portVersion: 1,',
        "portVersion: 1,\n      capabilities: ['zone-listing'],",
      );
      checkout.edit(
        'silent',
        'src/silent.adapter.ts',
        'constructor(',
        'async listZones(): Promise<string[]> {\n    return [];\n  }\n\n  constructor(',
      );
    });
    expect(problems).toEqual(['README.md does not tell about the capability zone-listing of dns: name it']);
  });

  it('holds the adapter against its capabilities, and the specs against the ports', async () => {
    const problems = await problemsOf('flags', () => {
      checkout.edit(
        'flags',
        'src/flags.adapter.ts',
        'constructor(',
        'async listZones(): Promise<string[]> {\n    return [];\n  }\n\n  constructor(',
      );
      checkout.edit('flags', 'test/flags.conformance.spec.ts', /describeDnsAdapter/g, 'describeSomething');
    });
    expect(problems).toEqual([
      'no conformance spec runs describeDnsAdapter: call it in test/flags.conformance.spec.ts',
      'the adapter dns has listZones but does not declare zone-listing: add it to capabilities in the manifest, or drop the method',
    ]);
    const lacking = await problemsOf('lacking', () =>
      checkout.edit(
        'lacking',
        'src/lacking.plugin.ts',
        'portVersion: 1,',
        "portVersion: 1,\n      capabilities: ['notify'],",
      ),
    );
    expect(lacking).toEqual([
      'README.md does not tell about the capability notify of dns: name it',
      expect.stringMatching(/^the adapter dns lacks notifyZone/),
    ]);
  });

  it('says why the simulator cannot be used', async () => {
    const broken = await problemsOf('broken', () =>
      checkout.edit(
        'broken',
        'simulator/broken.simulator.ts',
        'const url = await http.listen();',
        "throw new Error('no port left');",
      ),
    );
    expect(broken).toEqual(['the simulator does not start: no port left']);
    const unlike = await problemsOf('unlike', () =>
      checkout.edit('unlike', 'simulator/unlike.simulator.ts', 'settings: { url, apiToken }', 'settings: { url }'),
    );
    expect(unlike).toEqual([
      expect.stringMatching(/^the simulator's setting apiToken is missing.*: let it return settings/),
    ]);
  });

  it('refuses a folder that holds no package', async () => {
    await expect(checkPlugin(join(checkout.root, 'nowhere'))).rejects.toThrow(
      /package\.json does not exist: name the folder of a plugin, or make one with keelson plugin new/,
    );
  });
});
