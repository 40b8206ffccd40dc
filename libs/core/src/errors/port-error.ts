/** Every reason a vendor call can fail for. The list is closed: code outside an adapter acts on these and never on a message. */
export const portErrorCodes = [
  'invalid-input',
  'not-found',
  'already-exists',
  'wrong-state',
  'unsupported',
  'invalid-config',
  'no-funds',
  'rate-limited',
  'unavailable',
  'outcome-unknown',
  'internal',
] as const;

export type PortErrorCode = (typeof portErrorCodes)[number];

/** What may be done after a failure, and by whom. */
export interface PortErrorPolicy {
  /** `never`: final. `hold`: wait for the operator. `later`: no effect happened, call again. `look-first`: find out before any other call. */
  repeat: 'never' | 'hold' | 'later' | 'look-first';
  actor: 'caller' | 'operator' | 'engine' | 'developer';
}

export const portErrorPolicies: Readonly<Record<PortErrorCode, PortErrorPolicy>> = {
  'invalid-input': { repeat: 'never', actor: 'caller' },
  'not-found': { repeat: 'never', actor: 'caller' },
  'already-exists': { repeat: 'never', actor: 'caller' },
  'wrong-state': { repeat: 'never', actor: 'caller' },
  unsupported: { repeat: 'never', actor: 'caller' },
  'invalid-config': { repeat: 'hold', actor: 'operator' },
  'no-funds': { repeat: 'hold', actor: 'operator' },
  'rate-limited': { repeat: 'later', actor: 'engine' },
  unavailable: { repeat: 'later', actor: 'engine' },
  'outcome-unknown': { repeat: 'look-first', actor: 'engine' },
  internal: { repeat: 'look-first', actor: 'developer' },
};

/** What the vendor said, for operators only. Never shown to a customer and never holding a secret. */
export interface VendorDetails {
  /** The vendor's own error code, as text. */
  code?: string;
  /** HTTP or SMTP status. */
  status?: number;
  requestId?: string;
  /** The vendor's sentence, shortened to 300 characters. */
  message?: string;
}

export interface PortErrorOptions {
  /** Milliseconds to wait, when the vendor said so (`rate-limited`, `unavailable`). */
  retryAfterMs?: number;
  /** The failure is about this object alone (`rate-limited` for one domain name, say): other calls need not wait. */
  alone?: boolean;
  details?: { vendor?: VendorDetails };
  cause?: unknown;
}

/**
 * The one error that adapters throw. `message` is safe to show a customer and names no vendor;
 * `details.vendor` is for operators.
 */
export class PortError extends Error {
  override readonly name = 'PortError';
  readonly retryAfterMs?: number;
  readonly alone?: boolean;
  readonly details: { vendor?: VendorDetails };

  constructor(
    readonly code: PortErrorCode,
    message: string,
    options: PortErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.retryAfterMs = options.retryAfterMs;
    this.alone = options.alone;
    this.details = options.details ?? {};
  }

  /** What may be done now, and who does it. */
  get policy(): PortErrorPolicy {
    return portErrorPolicies[this.code];
  }
}

/** Whether a caught value is a `PortError`; works across copies of this package, as external plugins may bring their own. */
export function isPortError(thrown: unknown): thrown is PortError {
  return thrown instanceof Error && thrown.name === 'PortError' && portErrorCodes.includes((thrown as PortError).code);
}
