/** Another process looks at this connection now. Ask again in a minute. */
export class ObservationUnderWayError extends Error {
  override readonly name = 'ObservationUnderWayError';

  constructor(connection: string) {
    super(`The connection ${connection} is being observed at this moment: ask again in a minute.`);
  }
}

/** There is nothing to look at: an unknown connection, a disabled one, or one that speaks no observable port. */
export class NothingToObserveError extends Error {
  override readonly name = 'NothingToObserveError';
}

/** @see DriftFinding */
export class FindingNotFoundError extends Error {
  override readonly name = 'FindingNotFoundError';

  constructor() {
    super('There is no such finding.');
  }
}

/** The finding or the plan is not what the caller saw, or not one that can be treated so. */
export class DriftConflictError extends Error {
  override readonly name = 'DriftConflictError';
}

/** The plan would change too much at once. Nothing was done. */
export class BrakeError extends Error {
  override readonly name = 'BrakeError';

  constructor(readonly refused: readonly { connection: string; area: string; touched: number; limit: number }[]) {
    const each = refused.map(
      ({ connection, area, touched, limit }) => `${touched} ${area} of ${connection} (at most ${limit})`,
    );
    super(
      `The plan touches ${each.join(', ')}: nothing was done. Find out why so much differs; raise drift.brakePercent only when it is right.`,
    );
  }
}

/** Accounts cannot be adopted like this. */
export class AdoptionRefusedError extends Error {
  override readonly name = 'AdoptionRefusedError';
}
