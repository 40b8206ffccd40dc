/** SQLSTATE classes and codes that say: not now. Connection, resources (disk full), shutdown, read-only, lock timeouts. */
const passing = /^(08|53|57P|58)|^(25006|55P03|57014|40001|40P01)$/;
const network = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH']);
const texts =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/;

/** Whether the database cannot work at the moment, as opposed to a mistake of ours. */
export function isDatabaseAway(thrown: unknown): boolean {
  for (
    let error = thrown, depth = 0;
    error instanceof Error && depth < 4;
    error = error.cause ?? driverOf(error), depth += 1
  ) {
    const { code } = error as { code?: unknown };
    if (typeof code === 'string' && (network.has(code) || passing.test(code))) return true;
    if (texts.test(error.message)) return true;
  }
  return false;
}

function driverOf(error: Error): unknown {
  return (error as { driverError?: unknown }).driverError;
}
