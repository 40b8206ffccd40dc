import { BullModule, getQueueToken } from '@nestjs/bullmq';
import { Logger, Module, type DynamicModule, type Provider } from '@nestjs/common';
import { createPostgresBackend, setDefaultBackendFactory, type Queue } from 'bullmq';
import { DataSource } from 'typeorm';
import { OutboxRelay } from './outbox-relay.js';
import { OutboxWakeUps } from './outbox-wake-ups.js';
import { PostgresWakeUps } from './postgres-wake-ups.js';
import { QueueConnection } from './queue-connection.js';
import { queueNames, type QueueName } from './queue-names.js';
import type { QueueSettings } from './queue-settings.js';
import { WakeUpHandlers } from './wake-up-handlers.js';
import { WakeUpWorkers } from './wake-up-workers.js';
import { WakeUps } from './wake-ups.js';

const queues = Symbol('queues');

/** Provides the connection alone, because the queues themselves are made from it. */
@Module({})
class QueueConnectionModule {
  static forRoot(settings: QueueSettings): DynamicModule {
    const connection = { provide: QueueConnection, useFactory: () => QueueConnection.open(settings) };
    return { module: QueueConnectionModule, global: true, providers: [connection], exports: [connection] };
  }
}

/**
 * Provides `WakeUps` to whoever changes state, `WakeUpHandlers` to whoever works, `WakeUpWorkers` to the process that
 * works, and `QueueConnection` to ask whether the queue's store answers. Needs `DatabaseModule`.
 */
@Module({})
export class QueueModule {
  static forRoot(settings: QueueSettings): DynamicModule {
    const onRedis = settings.redisUrl !== undefined;
    const backend = onRedis ? undefined : createPostgresBackend;
    setDefaultBackendFactory(backend as never);
    const connections = QueueConnectionModule.forRoot(settings);
    const providers: Provider[] = [
      WakeUpHandlers,
      {
        provide: queues,
        inject: queueNames.map((name) => getQueueToken(name)),
        useFactory: (...all: Queue[]) => new Map(all.map((queue) => [queue.name as QueueName, watched(queue)])),
      },
      {
        provide: OutboxRelay,
        inject: [DataSource, queues],
        useFactory: (dataSource: DataSource, all: Map<QueueName, Queue>) =>
          onRedis ? new OutboxRelay(dataSource, all) : undefined,
      },
      {
        provide: WakeUps,
        inject: [WakeUpWorkers, OutboxRelay],
        useFactory: (workers: WakeUpWorkers, relay?: OutboxRelay) =>
          relay === undefined ? new PostgresWakeUps(workers) : new OutboxWakeUps(workers, relay),
      },
      {
        provide: WakeUpWorkers,
        inject: [QueueConnection, WakeUpHandlers, OutboxRelay],
        useFactory: (connection: QueueConnection, handlers: WakeUpHandlers, relay?: OutboxRelay) =>
          new WakeUpWorkers(connection, backend as never, handlers, relay),
      },
    ];
    return {
      module: QueueModule,
      global: true,
      imports: [
        connections,
        BullModule.forRootAsync({
          inject: [QueueConnection],
          useFactory: ({ producer }: QueueConnection) => ({
            connection: producer as never,
            // Without these, adding to a Redis that is away would wait for ever, or fail for ever when it was away at boot.
            skipWaitingForReady: onRedis,
            skipVersionCheck: onRedis,
            streams: { events: { maxLen: 1_000 } },
          }),
        }),
        BullModule.registerQueue(...queueNames.map((name) => ({ name }))),
      ],
      providers,
      exports: [connections, WakeUps, WakeUpHandlers, WakeUpWorkers],
    };
  }
}

/** A queue whose lost connection is logged once instead of being printed by BullMQ each time. */
function watched(queue: Queue): Queue {
  let last: string | undefined;
  queue.on('error', ({ message }) => {
    if (message !== last) new Logger('Queue').error(`Queue "${queue.name}": ${message}`);
    last = message;
  });
  return queue;
}
