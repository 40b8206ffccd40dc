/** The login failed. Deliberately the same whether the address, the password or the moment was wrong. */
export class LoginRefusedError extends Error {
  override readonly name = 'LoginRefusedError';
  constructor() {
    super('The e-mail address or the password is wrong. After several failures, wait a little before the next try.');
  }
}

/** The new password is too short, too long, or the old one. */
export class PasswordRefusedError extends Error {
  override readonly name = 'PasswordRefusedError';
}

/** The token to reset a password is wrong, used or too old. */
export class ResetRefusedError extends Error {
  override readonly name = 'ResetRefusedError';
  constructor() {
    super('This link is not valid any more. Ask for a new one.');
  }
}

/** An API key was to be made with something that cannot be. */
export class InvalidApiKeyError extends Error {
  override readonly name = 'InvalidApiKeyError';
}
