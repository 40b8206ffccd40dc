// `npm start` and `npm run demo`: installs what is missing, builds what changed, then hands over to the keelson program.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { installDependencies } from './install.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const words = process.argv.slice(2);
const quiet = words.includes('--json');
const say = (line) => (quiet ? process.stderr : process.stdout).write(`· ${line}\n`);

installDependencies(say);
const { build } = await import('./build.mjs');
const written = await build();
if (written > 0) say(`built ${written} files`);

const keelson = spawn(
  process.execPath,
  ['--enable-source-maps', fileURLToPath(new URL('apps/cli/dist/src/main.js', `file://${root}`)), ...words],
  {
    stdio: 'inherit',
  },
);
// Ctrl-C reaches the child from the terminal; this process only waits for it.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => keelson.kill('SIGTERM'));
keelson.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 1));
