/**
 * Why Keelson does not start. The message has one line per problem; each names the setting or file and says the fix.
 * Never holds a secret.
 */
export class BootError extends Error {
  override readonly name: string = 'BootError';

  constructor(
    readonly problems: readonly string[],
    options?: { cause?: unknown },
  ) {
    super(problems.join('\n'), options);
  }
}
