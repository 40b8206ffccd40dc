/** The panel's "no": a status and what it says in `detail`. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly detail: string | ValidationProblem[],
  ) {
    super(typeof detail === 'string' ? detail : 'validation failed');
  }
}

/** An item of the list that FastAPI answers a failed validation with. `input` repeats what was sent. */
export interface ValidationProblem {
  type: string;
  loc: (string | number)[];
  msg: string;
  input: unknown;
}
