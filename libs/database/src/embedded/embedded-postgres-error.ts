/** The embedded Postgres cannot be used. The message says why, where to read more and what to do; it holds no secret. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';
}
