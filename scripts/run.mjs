// `npm start` and `npm run demo`: installs what is missing, builds what changed, then becomes the keelson program.
import { installDependencies } from './install.mjs';

const quiet = process.argv.includes('--json');
const say = (line) => (quiet ? process.stderr : process.stdout).write(`· ${line}\n`);

// When npm is killed with -9 nobody could stop us any more. The `exec` in package.json makes npm our parent.
const parent = process.ppid;
if (process.env['npm_lifecycle_event'] !== undefined) {
  setInterval(() => process.ppid === parent || process.kill(process.pid, 'SIGTERM'), 500).unref();
}

installDependencies(say);
const { build } = await import('./build.mjs');
const written = await build();
if (written > 0) say(`built ${written} files`);
process.setSourceMapsEnabled(true);
await import('../apps/cli/dist/src/main.js');
