/** Where the queues live. */
export interface QueueSettings {
  /** The engine's database. The queues are in its schema `bullmq` unless there is a Redis. */
  readonly databaseUrl: string;
  /** `redis://` or `rediss://`; with it the queues are there and wake-ups pass through the table `outbox`. */
  readonly redisUrl?: string;
  /** Most database connections of the queues at once; a worker holds one for each queue it listens to. Default 16. */
  readonly poolSize?: number;
}
