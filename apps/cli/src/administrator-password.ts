import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { generatePassword, loadOrCreateKeyFile } from '@keelson/core';

const fileName = 'administrator.password';

/** The password of the first administrator, made up once and kept with the keys, so that a start that was killed does not lose it. */
export function firstAdministratorPassword(home: string): string {
  return loadOrCreateKeyFile(home, fileName, () => generatePassword(20));
}

/** The file with that password; undefined when none was made up. */
export function findAdministratorPasswordFile(home: string): string | undefined {
  const file = join(home, 'keys', fileName);
  return existsSync(file) ? file : undefined;
}
