/** A command's "no": a title and details in English, there are no codes. */
export class CommandRefusal extends Error {
  constructor(
    readonly title: string,
    readonly details: string,
  ) {
    super(title);
  }
}

/** The "no" of a route below `/api`: a status and a type. */
export class RouteRefusal extends Error {
  constructor(
    readonly status: number,
    readonly type: string,
  ) {
    super(type);
  }
}

/** What a password must be, here and in the default settings of a panel with difficult passwords enforced. */
export function isStrong(password: string): boolean {
  return password.length >= 6 && /[a-z]/.test(password) && /[A-Z]/.test(password) && /\d/.test(password);
}
