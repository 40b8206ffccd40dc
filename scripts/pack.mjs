// `npm run pack:kit -- <folder>`: builds what a plugin of somebody else needs (@keelson/core, @keelson/testing) and puts it
// into the folder as packages that `npm install` takes.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from './build.mjs';
import { buildTypes } from './build-types.mjs';

const [target] = process.argv.slice(2);
if (target === undefined) {
  console.error('keelson: name the folder for the packages: npm run pack:kit -- ../kit');
  process.exit(1);
}
// npm runs scripts in the folder of package.json; the name was given where the caller stands.
const folder = resolve(process.env['INIT_CWD'] ?? process.cwd(), target);
mkdirSync(folder, { recursive: true });
await build();
for (const source of buildTypes(['@keelson/core', '@keelson/testing'])) {
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--pack-destination', folder], {
      cwd: source,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  );
  console.log(join(folder, packed.filename));
}
