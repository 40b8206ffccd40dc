/** There is no such licence (or it is not the caller's). */
export class LicenceNotFoundError extends Error {
  override readonly name = 'LicenceNotFoundError';
  constructor() {
    super('There is no such licence.');
  }
}
