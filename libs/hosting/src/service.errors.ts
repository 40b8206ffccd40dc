/** The service does not exist (or is not the caller's). */
export class ServiceNotFoundError extends Error {
  override readonly name = 'ServiceNotFoundError';
  constructor() {
    super('There is no such service.');
  }
}

/** Another customer, or another open order, already has the domain here. */
export class DomainTakenError extends Error {
  override readonly name = 'DomainTakenError';
  constructor(readonly domain: string) {
    super(`The domain ${domain} already belongs to another service here.`);
  }
}
