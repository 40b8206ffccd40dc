/** Whether a refusal concerns what was sent, who sent it, or how things stand with the service. */
export type RefusalKind = 'bad-input' | 'forbidden' | 'conflict';

/** An operation that may not be done to this service, now, or by this caller. Nothing was touched. */
export class OperationRefusedError extends Error {
  override readonly name = 'OperationRefusedError';
  constructor(
    readonly kind: RefusalKind,
    /** Kebab-case name of the reason, for programs. */
    readonly code: string,
    /** One sentence for clients, with what to do about it. */
    message: string,
    /** Which fields of the input are wrong. */
    readonly fields: readonly { path: string; message: string }[] = [],
  ) {
    super(message);
  }
}
