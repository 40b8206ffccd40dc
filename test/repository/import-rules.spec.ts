import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from './repository.js';

interface Violation {
  rule: string;
  from: string;
  to: string;
}

/** A repository of the same layout with nothing in it but imports. */
class Plantation {
  readonly folder = mkdtempSync(join(tmpdir(), 'keelson-rules-'));

  constructor() {
    const libs = [
      'core',
      'database',
      'queue',
      'catalogue',
      'customers',
      'notifications',
      'hosting',
      'provisioning',
      'billing',
    ];
    for (const lib of [...libs, 'testing']) this.package(`libs/${lib}`, `@keelson/${lib}`);
    for (const app of ['api', 'worker', 'cli', 'sandbox']) this.package(`apps/${app}`, `@keelson/${app}`);
    for (const plugin of ['alpha', 'beta']) this.package(`plugins/${plugin}`, `keelson-plugin-${plugin}`);
    for (const name of ['typeorm', 'left-pad']) {
      this.write(`node_modules/${name}/package.json`, JSON.stringify({ name, main: 'index.js' }));
      this.write(`node_modules/${name}/index.js`, 'module.exports = {};');
    }
  }

  write(path: string, text: string): void {
    const file = join(this.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  violations(): Promise<Violation[]> {
    return new Promise((resolve, reject) => {
      execFile(process.execPath, [join(root, 'scripts/rules.mjs'), this.folder, '--json'], (error, stdout, stderr) => {
        if (stdout === '') reject(new Error(stderr, { cause: error }));
        else resolve(JSON.parse(stdout) as Violation[]);
      });
    });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  private package(path: string, name: string): void {
    const exports = {
      '.': { 'keelson-source': './src/index.ts', default: './dist/src/index.js' },
      './simulator': {
        'keelson-source': path.startsWith('libs') ? './src/simulator/index.ts' : './simulator/index.ts',
      },
    };
    this.write(
      `${path}/package.json`,
      JSON.stringify({ name, type: 'module', exports, dependencies: { typeorm: '*' } }),
    );
    this.write(`${path}/src/index.ts`, "export const here = 'here';\n");
    this.write(`${path}/src/inner.ts`, "export const inner = 'inner';\n");
    this.write(
      `${path}/${path.startsWith('libs') ? 'src/' : ''}simulator/index.ts`,
      "export const simulator = 'simulator';\n",
    );
    const link = join(this.folder, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(this.folder, path), link);
  }
}

/** What the architecture allows, one file each. */
const allowed: [from: string, imports: string][] = [
  ['libs/database/src/a.ts', '@keelson/core'],
  ['libs/queue/src/a.ts', '@keelson/database'],
  ['libs/catalogue/src/a.ts', '@keelson/queue'],
  ['libs/hosting/src/a.ts', '@keelson/customers'],
  ['libs/billing/src/a.ts', '@keelson/provisioning'],
  ['libs/billing/src/b.ts', 'typeorm'],
  ['libs/billing/src/c.spec.ts', '@keelson/testing'],
  ['libs/testing/src/d.ts', '@keelson/provisioning'],
  ['apps/api/src/a.ts', '@keelson/billing'],
  ['apps/cli/src/a.ts', '@keelson/api'],
  ['apps/sandbox/src/a.ts', 'keelson-plugin-alpha/simulator'],
  ['apps/sandbox/src/b.ts', '@keelson/testing/simulator'],
  ['apps/api/test/a.e2e-spec.ts', 'keelson-plugin-alpha/simulator'],
  ['plugins/alpha/src/a.ts', '@keelson/core'],
  ['plugins/alpha/simulator/b.ts', '@keelson/testing/simulator'],
  ['plugins/alpha/test/c.conformance.spec.ts', '@keelson/testing'],
  ['plugins/alpha/test/d.conformance.spec.ts', 'keelson-plugin-alpha/simulator'],
];

/** One violation of each rule, and of both sides of the rules that have two. */
const planted: [rule: string, from: string, imports: string][] = [
  ['floor-database', 'libs/database/src/up.ts', '@keelson/queue'],
  ['floor-queue', 'libs/queue/src/up.ts', '@keelson/catalogue'],
  ['floor-catalogue', 'libs/catalogue/src/beside.ts', '@keelson/customers'],
  ['floor-customers', 'libs/customers/src/beside.ts', '@keelson/catalogue'],
  ['floor-notifications', 'libs/notifications/src/up.ts', '@keelson/hosting'],
  ['floor-hosting', 'libs/hosting/src/up.ts', '@keelson/provisioning'],
  ['floor-provisioning', 'libs/provisioning/src/up.ts', '@keelson/billing'],
  ['core-stands-alone', 'libs/core/src/ours.ts', '@keelson/billing'],
  ['core-stands-alone', 'libs/core/src/ours.spec.ts', '@keelson/testing'],
  ['libs-know-no-apps-or-plugins', 'libs/billing/src/app.ts', '@keelson/api'],
  ['libs-know-no-apps-or-plugins', 'libs/billing/src/plugin.ts', 'keelson-plugin-alpha'],
  ['only-through-index', 'libs/billing/src/inside.ts', '../../hosting/src/inner.js'],
  ['only-through-index', 'apps/api/src/inside.ts', '../../../libs/core/src/inner.js'],
  ['only-through-index', 'plugins/alpha/src/inside.ts', '../../../libs/core/src/inner.js'],
  ['plugin-imports-core-only', 'plugins/alpha/src/testing.ts', '@keelson/testing'],
  ['plugin-imports-core-only', 'plugins/alpha/src/domain.ts', '@keelson/hosting'],
  ['plugin-tests-import-core-and-testing', 'plugins/alpha/test/domain.spec.ts', '@keelson/hosting'],
  ['no-plugin-imports-a-plugin', 'plugins/alpha/src/other.ts', 'keelson-plugin-beta'],
  ['no-plugin-imports-a-plugin', 'plugins/alpha/simulator/other.ts', 'keelson-plugin-beta/simulator'],
  ['plugins-own-no-tables', 'plugins/alpha/src/table.ts', 'typeorm'],
  ['apps-do-not-import-apps', 'apps/api/src/app.ts', '@keelson/worker'],
  ['apps-know-no-plugins', 'apps/worker/src/plugin.ts', 'keelson-plugin-alpha'],
  ['simulators-only-in-sandbox-and-tests', 'apps/worker/src/simulator.ts', 'keelson-plugin-alpha/simulator'],
  ['testing-only-in-tests', 'libs/billing/src/testing.ts', '@keelson/testing'],
  ['testing-only-in-tests', 'apps/api/src/testing.ts', '@keelson/testing'],
  ['no-circles', 'libs/billing/src/circle.ts', './round.js'],
  ['declared-dependencies', 'libs/billing/src/undeclared.ts', 'left-pad'],
  ['resolvable', 'libs/billing/src/nowhere.ts', './nowhere-to-be-found.js'],
];

const source = (imports: string): string => `import * as imported from '${imports}';\nexport const use = imported;\n`;

/** The tool runs in a process of its own, on machines that may be busy. */
const patienceMs = 120_000;

let plantation: Plantation;
beforeAll(() => {
  plantation = new Plantation();
});
afterAll(() => plantation.remove());

describe('the import rules', () => {
  it('are all planted below', () => {
    const { forbidden } = createRequire(import.meta.url)(join(root, '.dependency-cruiser.cjs')) as {
      forbidden: { name: string }[];
    };
    expect(new Set(planted.map(([rule]) => rule))).toEqual(new Set(forbidden.map(({ name }) => name)));
  });

  it(
    'allow what the architecture allows, and refuse each planted violation and nothing else',
    async () => {
      for (const [from, imports] of allowed) plantation.write(from, source(imports));
      expect(await plantation.violations()).toEqual([]);

      for (const [, from, imports] of planted) plantation.write(from, source(imports));
      plantation.write('libs/billing/src/round.ts', source('./circle.js'));
      const found = await plantation.violations();
      const fired = new Set(found.map(({ rule, from }) => `${rule} in ${from}`));
      for (const [rule, from] of planted) expect(fired).toContain(`${rule} in ${from}`);
      const guilty = new Set([...planted.map(([, from]) => from), 'libs/billing/src/round.ts']);
      expect([...new Set(found.map(({ from }) => from))].filter((from) => !guilty.has(from))).toEqual([]);
    },
    patienceMs,
  );

  it(
    'count an import that only serves types',
    async () => {
      plantation.write(
        'libs/queue/src/types-only.ts',
        "import type { here } from '@keelson/billing';\nexport type Here = typeof here;\n",
      );
      expect(await plantation.violations()).toContainEqual(
        expect.objectContaining({ rule: 'floor-queue', from: 'libs/queue/src/types-only.ts' }),
      );
    },
    patienceMs,
  );
});
