/**
 * Stands where a generated plugin still lacks something; `describeWritten` and `keelson plugin check` list what is left.
 * @throws Error always
 */
export function notWritten(what: string): never {
  throw new Error(`${what} is not written`);
}
