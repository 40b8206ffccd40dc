/** Another server has this name. */
export class ServerExistsError extends Error {
  override readonly name = 'ServerExistsError';
  constructor(server: string) {
    super(`Server with name '${server}' already exists`);
  }
}

/** The vendor does not answer, or not with these credentials. The message says why, for operators. */
export class ServerRefusedError extends Error {
  override readonly name = 'ServerRefusedError';
}
