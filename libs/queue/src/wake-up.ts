import type { QueueName } from './queue-names.js';

/** "Look at this row": all that a queue ever carries. Ids only, never data, never secrets. */
export interface WakeUp {
  readonly queue: QueueName;
  /** What kind of row it is; chooses the handler. Lower-case words joined by `-`, such as `task` or `payment-event`. */
  readonly kind: string;
  /** UUID of the row to look at. */
  readonly id: string;
  /** Not before so many milliseconds from now. Default: at once. */
  readonly delayMs?: number;
  /** 1 (first) to 2 097 152 (last); without one it goes before all that have one. */
  readonly priority?: number;
}
