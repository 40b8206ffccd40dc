import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { Redis } from 'ioredis';
import pg from 'pg';
import type { QueueSettings } from './queue-settings.js';
import { checkEvictionPolicy } from './redis-check.js';

/**
 * The connections of this process to the queues' store: one pool on Postgres, two connections on Redis (one that fails at
 * once while Redis is away, for adding; one that waits for it, for workers).
 */
export class QueueConnection implements OnApplicationShutdown {
  private constructor(
    /** For adding jobs and asking. */
    readonly producer: pg.Pool | Redis,
    /** For workers. */
    readonly consumer: pg.Pool | Redis,
  ) {}

  /** Opens them. Throws `BootError` when Redis is set to throw jobs away; a Redis that is away is only logged. */
  static async open(settings: QueueSettings): Promise<QueueConnection> {
    return settings.redisUrl ? openRedis(settings.redisUrl) : openPostgres(settings);

    function openPostgres({ databaseUrl, poolSize }: QueueSettings): QueueConnection {
      const pool = new pg.Pool({
        connectionString: databaseUrl,
        max: poolSize ?? 16,
        options: '-c search_path=bullmq,public',
        application_name: 'keelson queue',
        connectionTimeoutMillis: 5_000,
        keepAlive: true,
      });
      pool.on('error', logLost('Postgres'));
      return new QueueConnection(pool, pool);
    }

    async function openRedis(url: string): Promise<QueueConnection> {
      // Loaded only where it is used: it costs every start a tenth of a second.
      const { Redis } = await import('ioredis');
      const producer = new Redis(url, { enableOfflineQueue: false, maxRetriesPerRequest: 1, connectTimeout: 5_000 });
      const consumer = new Redis(url, { maxRetriesPerRequest: null, connectTimeout: 5_000 });
      producer.on('error', logLost('Redis'));
      consumer.on('error', () => undefined);
      const connection = new QueueConnection(producer, consumer);
      try {
        await checkEvictionPolicy(producer);
      } catch (error) {
        await connection.onApplicationShutdown();
        throw error;
      }
      return connection;
    }
  }

  /** Resolves when the store answers; rejects within seconds when it does not. */
  async ping(): Promise<void> {
    if (this.producer instanceof pg.Pool) await this.producer.query('SELECT max(version) FROM bullmq.migration');
    else await this.producer.ping();
  }

  async onApplicationShutdown(): Promise<void> {
    if (!(this.producer instanceof pg.Pool)) {
      this.producer.disconnect();
      (this.consumer as Redis).disconnect();
    } else if (!this.producer.ended) {
      await this.producer.end();
    }
  }
}

/** Logs a lost connection once until another reason comes: a store that is away repeats itself every second. */
function logLost(store: string): (error: Error) => void {
  let last: string | undefined;
  return ({ message }) => {
    if (message === last) return;
    last = message;
    new Logger('Queue').error(`The queue's ${store} cannot be reached (${message}). Trying again until it is back.`);
  };
}
