import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

/**
 * Installs the dependencies when they are absent or older than the lock file. Ends the process with one clear line when Node is
 * too old or the installation fails. Repeating it does nothing.
 * @param {(line: string) => void} say
 */
export function installDependencies(say) {
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`keelson: Node.js ${process.versions.node} is too old: install 20.19 or newer`);
    process.exit(1);
  }
  const installed = new URL('../node_modules/.package-lock.json', import.meta.url);
  const lock = new URL('../package-lock.json', import.meta.url);
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  say('installing dependencies (once, about a minute)');
  const { status } = spawnSync('npm', ['ci', '--loglevel=error'], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) {
    console.error('keelson: npm ci failed: see the lines above, then try again');
    process.exit(1);
  }
}
