import { BootError, redact } from '@keelson/core';

/** Ends the program after an error: problems of settings and configuration line by line, anything else with its stack. */
export function fail(error: unknown): never {
  if (error instanceof BootError) for (const line of error.problems) process.stderr.write(`keelson: ${redact(line)}\n`);
  else
    process.stderr.write(
      `keelson: ${redact(error instanceof Error ? (error.stack ?? error.message) : String(error))}\n`,
    );
  process.exit(1);
}
