import { statSync } from 'node:fs';

/** The ids a Postgres process runs under. */
export interface ServerAccount {
  readonly uid: number;
  readonly gid: number;
}

/** `initdb` wants an account with a name; every Unix has this one. */
export const nobody: ServerAccount = { uid: 65534, gid: 65534 };

/** From the range kept free for services that need a number but no account, so no other program's files are near. */
const reserved: ServerAccount = { uid: 64738, gid: 64738 };

/**
 * Under which account the server must run, because Postgres refuses to run as root: the owner of the home folder, or a
 * reserved number when root owns it. `undefined`: we are not root, it runs as we do.
 */
export function serverAccount(home: string): ServerAccount | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const { uid, gid } = statSync(home);
  return uid === 0 ? reserved : { uid, gid };
}

/**
 * How the server is told its data folder. Another account than ours may not be allowed to reach the folder by its path
 * (below /root, say), but may work in it once it was started there; /proc/self/cwd names it without walking the path.
 */
export function dataArgument(data: string, account: ServerAccount | undefined): string {
  return account && process.platform === 'linux' ? '/proc/self/cwd' : data;
}
