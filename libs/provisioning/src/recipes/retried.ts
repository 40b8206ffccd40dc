import type { AnyPort, CapabilityOf } from '@keelson/core';
import type { RetriedStep, UndoableStep } from '../engine/recipe.js';

/** A step for after the pivot: what it does is no longer taken back, only retried. */
export function retried<Order, Done, Output, P extends AnyPort, C extends CapabilityOf<P>>({
  undo: _undo,
  unrecord: _unrecord,
  optional: _optional,
  ...step
}: UndoableStep<Order, Done, Output, P, C>): RetriedStep<Order, Done, Output, P, C> {
  return step;
}
