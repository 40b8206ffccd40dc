import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const repository = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');
/** Installs from the cache of npm where it can; on a busy machine a block of commands takes its time. */
const patienceMs = 300_000;
const environment = {
  ...process.env,
  npm_config_prefer_offline: 'true',
  npm_config_audit: 'false',
  npm_config_fund: 'false',
  npm_config_ignore_scripts: 'true',
  npm_config_update_notifier: 'false',
};

/** Stands for the folder around the checkout: everything that the page puts beside it goes there. */
let around: string;
let cwd = repository;

beforeAll(() => {
  around = realpathSync(mkdtempSync(join(tmpdir(), 'keelson-docs-')));
});
afterAll(() => rmSync(around, { recursive: true }));

/** The commands of the page, in order. A command that has to fail says so in a comment. */
function commandsOf(page: string): { command: string; fails: boolean }[] {
  const blocks = [...readFileSync(join(repository, page), 'utf8').matchAll(/```sh\n([^]*?)```/g)];
  return blocks
    .flatMap(([, block = '']) => block.trim().split('\n'))
    .map((line) => ({ command: line.replace(/ +#.*$/, ''), fails: line.includes('# fails:') }));
}

/** Runs one line of the page where the lines before it left us, and returns exit code and output. */
function run(line: string): { status: number | null; output: string } {
  const command = line
    .replaceAll('../keelson ', `${repository} `)
    .replace(/\.\.\/keelson$/, repository)
    .replaceAll('../', `${around}/`);
  const [, folder] = /^cd (.+)$/.exec(command) ?? [];
  if (folder !== undefined) {
    cwd = resolve(cwd, folder);
    return { status: 0, output: '' };
  }
  const { status, stdout, stderr } = spawnSync('bash', ['-c', command], { cwd, env: environment, encoding: 'utf8' });
  return { status, output: `${stdout}\n${stderr}` };
}

describe('docs/plugins.md', () => {
  const commands = commandsOf('docs/plugins.md');
  const outputs: string[] = [];

  it('holds the way from nothing to green', () => {
    expect(commands.filter(({ command }) => command === 'npm test').map(({ fails }) => fails)).toEqual([true, false]);
  });

  it.each(commands.map(({ command, fails }) => [command, fails] as const))(
    'does what it says: %s',
    (command, fails) => {
      const { status, output } = run(command);
      outputs.push(output);
      if ((status !== 0) !== fails) throw new Error(`${command} ended with ${status} in ${cwd}\n${output}`);
    },
    patienceMs,
  );

  it('lets the generated plugin fail with the list of what to write', () => {
    const red = outputs[commands.findIndex(({ command, fails }) => command === 'npm test' && fails)] ?? '';
    expect(red).toMatch(
      /\d+ things are left to write:\n {6}simulator\/acme\.simulator\.ts:\d+ {2}the routes of the simulator\n/,
    );
    for (const method of ['testConnection', 'ensureZone', 'removeZone']) {
      expect(red).toMatch(new RegExp(`src/acme\\.adapter\\.ts:\\d+ {2}dns\\.${method}\n`));
    }
    expect(red).not.toContain('error TS');
    expect(red).toMatch(/Test Suites: 1 failed, 2 passed/);
  });

  it.each(['the core that is installed beside it', 'the core of the checkout'])(
    'ends in an installed plugin that works with %s',
    (which) => {
      const folder = join(around, `zones of ${which}`);
      mkdirSync(folder);
      const core = which === 'the core of the checkout' ? 'libs/core' : 'node_modules/@keelson/core';
      const home = which === 'the core of the checkout' ? repository : join(around, 'hosting');
      const entry = join(home, core, 'dist/src/index.js');
      const host = fileURLToPath(new URL('./host-plugin.mjs', import.meta.url));
      const ran = spawnSync(process.execPath, [host, pathToFileURL(entry).href, folder], {
        cwd: join(around, 'hosting'),
        encoding: 'utf8',
      });
      expect(ran.stderr).toBe('');
      expect(JSON.parse(ran.stdout)).toEqual({
        folder: join(around, 'hosting/node_modules/keelson-plugin-zonefile'),
        zone: 'example.com',
        givenUp: 'unavailable',
      });
      expect(readFileSync(join(folder, 'example.com.zone'), 'utf8')).toContain(
        'www.example.com.\t300\tIN\tA\t192.0.2.1\n',
      );
    },
    patienceMs,
  );
});
