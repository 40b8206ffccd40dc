/** Another customer has this e-mail address. */
export class CustomerExistsError extends Error {
  override readonly name = 'CustomerExistsError';
  constructor(
    /** Primary key of the other one. */
    readonly customerId: string,
  ) {
    super('A customer with this e-mail address exists already.');
  }
}

/** No customer has this id. */
export class CustomerNotFoundError extends Error {
  override readonly name = 'CustomerNotFoundError';
  constructor() {
    super('There is no such customer.');
  }
}

/** Somebody who is no customer signs in with this e-mail address. */
export class UserExistsError extends Error {
  override readonly name = 'UserExistsError';
  constructor() {
    super('Somebody signs in with this e-mail address already.');
  }
}
