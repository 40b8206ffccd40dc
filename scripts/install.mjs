import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

/**
 * Installs the dependencies when they are absent or not those of the lock file. Ends the process with one clear line when Node is
 * too old or the installation fails. Repeating it does nothing.
 * @param {(line: string) => void} say
 */
export function installDependencies(say) {
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`keelson: Node.js ${process.versions.node} is too old: install 20.19 or newer`);
    process.exit(1);
  }
  if (isInstalled()) return;
  say('installing dependencies (once, about a minute)');
  const { status } = spawnSync('npm', ['ci', '--loglevel=error'], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) {
    console.error('keelson: npm ci failed: see the lines above, then try again');
    process.exit(1);
  }
}

/** Whether npm noted every package of the lock file as installed, in the same version. Optional ones may be for other platforms. */
function isInstalled() {
  const wanted = packagesOf('package-lock.json') ?? {};
  const installed = packagesOf('node_modules/.package-lock.json');
  return Object.entries(wanted).every(([path, { version, optional, devOptional }]) => {
    if (!path.includes('node_modules/')) return true;
    const found = installed?.[path];
    return found === undefined
      ? installed !== undefined && (optional ?? devOptional ?? false)
      : found.version === version;
  });
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')).packages;
  } catch {
    return undefined;
  }
}
