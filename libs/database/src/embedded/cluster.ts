import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  lchownSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import type { PostgresBinaries } from './postgres-binaries.js';
import { isAlive } from './postmaster.js';
import { dataArgument, nobody, type ServerAccount } from './server-account.js';

const run = promisify(execFile);

/** Name of the one role and of the database the engine uses. */
export const owner = 'keelson';

const draftName = /^postgres\.init-(\d+)-/;
const ourDrafts = new Set<string>();

/**
 * Makes sure `<home>/postgres` is a complete cluster and returns its password, kept in `<home>/postgres.password`
 * (readable by us only). It is made aside and moved into place in one rename after it was written to disk, so a crash
 * leaves nothing half-made, and of two processes at once one wins and the other uses the winner's.
 */
export async function ensureCluster(
  home: string,
  binaries: PostgresBinaries,
  account: ServerAccount | undefined,
): Promise<{ data: string; password: string }> {
  const data = join(home, 'postgres');
  if (existsSync(data) && !existsSync(passwordFile(home))) {
    throw new EmbeddedPostgresError(
      `${passwordFile(home)} is missing. Restore it, or remove ${data} to start with an empty database.`,
    );
  }
  const password = ensurePassword(home);
  if (!existsSync(data)) await createCluster(home, data, password, binaries, account);
  return { data, password };
}

const passwordFile = (home: string) => join(home, 'postgres.password');

function ensurePassword(home: string): string {
  const file = passwordFile(home);
  if (!existsSync(file)) {
    const draft = `${file}.${process.pid}`;
    writeFileSync(draft, randomBytes(32).toString('base64url'), { mode: 0o600 });
    try {
      linkSync(draft, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(draft);
    }
  }
  return readFileSync(file, 'utf8').trim();
}

async function createCluster(
  home: string,
  data: string,
  password: string,
  binaries: PostgresBinaries,
  account: ServerAccount | undefined,
): Promise<void> {
  removeAbandonedDrafts(home);
  const draft = join(home, `postgres.init-${process.pid}-${randomBytes(4).toString('hex')}`);
  ourDrafts.add(draft);
  const draftData = join(draft, 'data');
  // initdb looks up the name of its account; the server's may have none.
  const initAccount = account && nobody;
  mkdirSync(draftData, { recursive: true, mode: 0o700 });
  try {
    writeFileSync(join(draft, 'password'), password, { mode: 0o600 });
    if (initAccount) giveAway(draft, initAccount);
    const options = { ...initAccount, cwd: draftData, env: { PATH: process.env.PATH, TZ: 'UTC', LC_ALL: 'C' } };
    const folder = ['-D', dataArgument(draftData, initAccount)];
    await run(
      binaries.initdb,
      [
        ...folder,
        ...['--username', owner, '--pwfile', '../password', '--auth', 'scram-sha-256'],
        ...['--encoding', 'UTF8', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8', '--locale', 'C'],
        ...['--no-sync', '--no-instructions'],
      ],
      options,
    );
    await run(binaries.initdb, [...folder, '--sync-only'], options);
    if (account) giveAway(draftData, account);
    renameSync(draftData, data);
  } catch (cause) {
    if (existsSync(data)) return;
    const reason = (cause as { stderr?: string }).stderr?.trim() || (cause as Error).message;
    throw new EmbeddedPostgresError(
      `The embedded database could not be created in ${home}: ${reason}. Fix this, or set DATABASE_URL to a Postgres 14 or newer.`,
      { cause },
    );
  } finally {
    rmSync(draft, { recursive: true, force: true });
    ourDrafts.delete(draft);
  }
}

function giveAway(folder: string, { uid, gid }: ServerAccount): void {
  chownSync(folder, uid, gid);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    lchownSync(join(entry.parentPath, entry.name), uid, gid);
  }
}

function removeAbandonedDrafts(home: string): void {
  for (const name of readdirSync(home)) {
    const pid = Number(draftName.exec(name)?.[1]);
    const draft = join(home, name);
    // A number may be taken again: in a container every first process has the same.
    const inWork = pid === process.pid ? ourDrafts.has(draft) : isAlive(pid);
    if (pid && !inWork) rmSync(draft, { recursive: true, force: true });
  }
}
