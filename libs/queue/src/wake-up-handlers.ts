import { Injectable } from '@nestjs/common';
import type { QueueName } from './queue-names.js';

/**
 * Works one wake-up: reads the row, decides, does at most what is due. Must be safe to call again, at the same time too.
 * `signal` is aborted when the worker shuts down: what is under way may end within some seconds, nothing more is begun. A rejection is logged and the
 * wake-up repeated a few times; the row's own due time stays the truth.
 */
export type WakeUpHandler = (id: string, signal: AbortSignal) => Promise<void>;

/**
 * Who works which wake-ups. Services register themselves in `onModuleInit`; `WakeUpWorkers` starts one worker for each
 * queue that has a handler.
 */
@Injectable()
export class WakeUpHandlers {
  private readonly handlers = new Map<QueueName, Map<string, WakeUpHandler>>();

  /** Throws when (queue, kind) already has a handler. */
  register(queue: QueueName, kind: string, handler: WakeUpHandler): void {
    const kinds = this.handlers.get(queue) ?? new Map<string, WakeUpHandler>();
    if (kinds.has(kind)) {
      throw new Error(`Wake-ups of kind "${kind}" in queue "${queue}" have two handlers. Remove one registration.`);
    }
    this.handlers.set(queue, kinds.set(kind, handler));
  }

  /** Throws when (queue, kind) has no handler. */
  get(queue: QueueName, kind: string): WakeUpHandler {
    const handler = this.handlers.get(queue)?.get(kind);
    if (!handler) {
      throw new Error(
        `No handler for wake-ups of kind "${kind}" in queue "${queue}". Register one with WakeUpHandlers.`,
      );
    }
    return handler;
  }

  /** Queues with at least one handler. */
  queues(): QueueName[] {
    return [...this.handlers.keys()];
  }
}
