import type { PostfixDovecotSimulator } from '../simulator/index.js';
import { PostfixDovecotAdapter, PostfixDovecotConfig } from '../src/index.js';

/** An adapter with settings as an operator would write them for this simulator, some of them changed. */
export function adapterOf(
  { settings }: Pick<PostfixDovecotSimulator, 'settings'>,
  change: Partial<PostfixDovecotConfig> = {},
): PostfixDovecotAdapter {
  return new PostfixDovecotAdapter(Object.assign(new PostfixDovecotConfig(), settings, change));
}

export const wrongPassword = 'wrong-password-of-the-role';

/** The address of the database with a password that it refuses. */
export function wrongUrlOf({ settings }: Pick<PostfixDovecotSimulator, 'settings'>): string {
  const url = new URL(String(settings.databaseUrl));
  url.password = wrongPassword;
  return url.href;
}

/** What must show nowhere: the password of the role. */
export function secretOf({ settings }: Pick<PostfixDovecotSimulator, 'settings'>): string {
  return new URL(String(settings.databaseUrl)).password;
}
