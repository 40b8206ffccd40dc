/** One field of a request that is wrong. */
export interface FieldError {
  /** Where in the body or query: `customer.email`, `addonIds.0`. */
  path: string;
  message: string;
}

export interface ProblemOptions {
  /** Stable kebab-case name of the reason, for programs. */
  code: string;
  /** One sentence for people. Never holds a secret. */
  detail: string;
  errors?: FieldError[];
  /** Members that a contract adds to the body, such as `required` or `jobId`. */
  members?: Record<string, unknown>;
  headers?: Record<string, string>;
}

/** A refusal that says exactly what the client reads. Thrown by controllers and guards. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';

  constructor(
    readonly status: number,
    readonly options: ProblemOptions,
  ) {
    super(options.detail);
  }
}
