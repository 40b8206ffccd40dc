import type { SettingProblem } from '@keelson/core';

/** No connection has this id or name. */
export class ConnectionNotFoundError extends Error {
  override readonly name = 'ConnectionNotFoundError';
  constructor() {
    super('There is no such connection.');
  }
}

/** The settings of a connection are not what its plugin wants. Never repeats a value. */
export class InvalidConnectionError extends Error {
  override readonly name = 'InvalidConnectionError';
  constructor(
    connection: string,
    readonly problems: readonly SettingProblem[],
  ) {
    const lines = problems.map(({ setting, message }) => `${setting} ${message}`.trim());
    super(`The connection ${connection} cannot be stored: ${lines.join('; ')}.`);
  }
}

/** The row belongs to the configuration file, or to an administrator, and the other one wants to change it. */
export class ConnectionOwnedError extends Error {
  override readonly name = 'ConnectionOwnedError';
  constructor(connection: string, owner: 'config' | 'admin') {
    super(
      owner === 'config'
        ? `The connection ${connection} comes from keelson.config.yaml: change it there.`
        : `An administrator made a connection called ${connection}: give the one in keelson.config.yaml another name, or remove the other.`,
    );
  }
}

/** The connection does not speak the port that it should serve. */
export class InvalidBindingError extends Error {
  override readonly name = 'InvalidBindingError';
}
