import type { UndoableStep } from '../engine/recipe.js';

/**
 * The step for a service that is in use: what it made stays when the task is given up, because it belongs to what the customer
 * has. Taking it back could remove what was there before.
 */
export function keptStep<Step extends Pick<UndoableStep<never, never, never, never, never>, 'undo' | 'unrecord'>>(
  step: Step,
): Omit<Step, 'undo' | 'unrecord'> & { undo: () => Promise<void> } {
  const { undo: _undo, unrecord: _unrecord, ...rest } = step;
  return { ...rest, undo: () => Promise.resolve() };
}
