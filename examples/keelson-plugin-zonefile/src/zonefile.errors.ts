import { PortError, type PortErrorCode } from '@keelson/core';

type Meaning = readonly [code: PortErrorCode, message: string];

const notUsable: Meaning = ['invalid-config', 'The folder of zone files is not there or must not be written to.'];
const busy: Meaning = ['unavailable', 'The folder of zone files cannot be written to just now.'];

/** What the system's refusals mean (errno(3)). */
const meanings: Readonly<Record<string, Meaning>> = {
  ENOENT: notUsable,
  ENOTDIR: notUsable,
  EACCES: notUsable,
  EPERM: notUsable,
  EROFS: notUsable,
  ENOSPC: busy,
  EDQUOT: busy,
  EMFILE: busy,
  ENFILE: busy,
  EIO: busy,
};

/** The error that a failed file operation means. A file is replaced in one step, so that a failure has changed nothing. */
export function fileError(thrown: unknown): PortError {
  const code = codeOf(thrown);
  const [meant, message] = meanings[code] ?? ['internal', 'The zone file could not be read or written.'];
  return new PortError(meant, message, { cause: thrown, details: { vendor: { code } } });
}

/** `ENOENT` and the like; empty for anything that is no system error. */
export function codeOf(thrown: unknown): string {
  const { code } = (thrown ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : '';
}
