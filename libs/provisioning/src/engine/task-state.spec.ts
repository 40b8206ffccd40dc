import { describe, expect, it } from '@jest/globals';
import type { StepRow } from './journal.types.js';
import { defineRecipe } from './recipe.js';
import { isUsable, leavesOptional, nextDueMs, nextToUndo, readySteps, spentPivot, stateOfTask } from './task-state.js';

const nothing = () => Promise.resolve();
const hooks = {
  load: () => Promise.resolve({}),
  bindingOf: () => ({ productId: '', productType: 'hosting' }),
};
const recipe = defineRecipe<object>('t', { version: 1, ...hooks })
  .step('a', { run: nothing, undo: nothing })
  .step('b', { after: ['a'], run: nothing, undo: nothing })
  .step('c', { after: ['a'], run: nothing, undo: nothing })
  .pivot('pay', { run: nothing })
  .then_('ssl', { optional: 'degraded', run: nothing })
  .then_('redirect', { after: ['ssl'], optional: 'degraded', run: nothing })
  .then_('tell', { run: nothing })
  .build();

/** A row for each step: done, unless told otherwise. Claimed once, unless pending or skipped. */
function rows(changes: Partial<Record<string, Partial<StepRow>>>): StepRow[] {
  return recipe.steps.map(({ name }) => {
    const change = changes[name] ?? {};
    const state = change.state ?? 'completed';
    const fence = state === 'pending' || state === 'skipped' ? '0' : '1';
    const plain = {
      due: false,
      lapsed: false,
      stopped: false,
      dueInMs: null,
      heldInMs: null,
      nextAttemptAt: null,
      leaseUntil: null,
      note: null,
    };
    return { ...plain, name, state, fence, errorCode: null, error: null, reason: null, ...change } as StepRow;
  });
}
const later = { nextAttemptAt: new Date(), dueInMs: 500 };
const forward = { direction: 'forward', cancelRequestedAt: null } as const;
const undo = { direction: 'undo', cancelRequestedAt: null } as const;
const cancelled = { direction: 'forward', cancelRequestedAt: new Date() } as const;
const pending = { state: 'pending' } as const;
const unpaid = { pay: pending, ssl: pending, redirect: pending, tell: pending };
const names = (ready: { step: { name: string } }[]) => ready.map(({ step }) => step.name);

describe('steps that are ready', () => {
  it('begin with those that wait for nothing', () => {
    expect(names(readySteps(recipe, rows({ a: pending, b: pending, c: pending, ...unpaid })))).toEqual(['a']);
  });

  it('go on with all that became free', () => {
    expect(names(readySteps(recipe, rows({ b: pending, c: pending, ...unpaid })))).toEqual(['b', 'c']);
  });

  it('count a skipped step as done', () => {
    expect(names(readySteps(recipe, rows({ ...unpaid, c: { state: 'skipped' } })))).toEqual(['pay']);
  });

  it('are none once the task was stopped, or a step that matters failed', () => {
    expect(readySteps(recipe, rows({ b: { state: 'pending', stopped: true }, ...unpaid }))).toEqual([]);
    expect(readySteps(recipe, rows({ b: { state: 'failed' }, c: pending, ...unpaid }))).toEqual([]);
  });

  it('include what is due again and what a dead worker left, not what still sleeps', () => {
    const changes = { a: { state: 'waiting', due: true }, ...unpaid } as const;
    expect(names(readySteps(recipe, rows({ ...changes, b: pending, c: pending })))).toEqual(['a']);
    expect(names(readySteps(recipe, rows({ ...unpaid, b: { state: 'intent', lapsed: true } })))).toEqual(['b']);
    expect(readySteps(recipe, rows({ ...unpaid, b: { state: 'waiting', ...later } }))).toEqual([]);
  });

  it.each([
    ['failed', { state: 'failed' }],
    ['was given up', { state: 'waiting' }],
  ] as const)('are not held up by an optional step that %s', (_what, ssl) => {
    expect(names(readySteps(recipe, rows({ ssl, redirect: pending })))).toEqual(['redirect']);
    expect(readySteps(recipe, rows({ ssl: { state: 'waiting', ...later }, redirect: pending }))).toEqual([]);
  });
});

describe('the time of the next work', () => {
  it('is now for what is ready, and else when the first step is due or a lease ends', () => {
    expect(nextDueMs(recipe, rows({ b: pending, ...unpaid }), 'forward')).toBe(0);
    const both = {
      b: { state: 'waiting', ...later },
      c: { state: 'intent', leaseUntil: new Date(), dueInMs: 90 },
    } as const;
    expect(nextDueMs(recipe, rows({ ...both, ...unpaid }), 'forward')).toBe(90);
    expect(nextDueMs(recipe, rows({}), 'forward')).toBeUndefined();
  });

  it('does not count a step that is due but has to wait for another', () => {
    const changes = { a: { state: 'waiting', ...later }, b: { state: 'waiting', dueInMs: -9_000, due: true } } as const;
    expect(nextDueMs(recipe, rows({ ...changes, ...unpaid }), 'forward')).toBe(500);
  });

  it('is that of the last step alone while a task is taken back', () => {
    const changes = { b: { state: 'waiting', dueInMs: -9_000 }, c: { state: 'undoing', ...later }, ...unpaid } as const;
    expect(nextDueMs(recipe, rows(changes), 'undo')).toBe(500);
    expect(nextDueMs(recipe, rows({ ...changes, c: { state: 'compensated' } }), 'undo')).toBe(0);
  });
});

describe('what is to be taken back', () => {
  it('is what was claimed once, whether its tries counted or not', () => {
    const held = { state: 'waiting', attempt: 0, errorCode: 'rate-limited', ...later } as const;
    expect(nextToUndo(rows({ b: { state: 'compensated' }, c: held, ...unpaid }))?.name).toBe('c');
    const never = { a: pending, b: { state: 'skipped' }, c: { state: 'compensated' }, ...unpaid } as const;
    expect(nextToUndo(rows(never))).toBeUndefined();
  });
});

describe('money', () => {
  it.each([
    ['completed', {}, true],
    ['intent', {}, true],
    ['unknown', {}, true],
    ['waiting', { errorCode: null }, true],
    ['waiting', { errorCode: 'no-funds' }, false],
    ['waiting', { errorCode: 'unavailable', note: { reference: 'r1' } }, true],
    ['pending', {}, false],
    ['failed', {}, false],
    ['skipped', {}, false],
  ] as const)('of a pivot that is %s (%j) may be spent: %s', (state, more, spent) => {
    expect(spentPivot(recipe, rows({ pay: { state, ...more } })) !== undefined).toBe(spent);
  });
});

describe('the state of a task', () => {
  it('is completed when everything is', () => {
    expect(stateOfTask(recipe, rows({}), forward)).toEqual({ kind: 'completed', degraded: [] });
  });

  it('turns round after a failure before money was spent, once nobody works on it', () => {
    const failed = { b: { state: 'failed', error: 'no', errorCode: 'invalid-input' }, ...unpaid } as const;
    expect(stateOfTask(recipe, rows(failed), forward)).toEqual({
      kind: 'turn-round',
      error: 'no',
      errorCode: 'invalid-input',
    });
    expect(stateOfTask(recipe, rows({ ...failed, c: { state: 'intent' } }), forward)).toEqual({ kind: 'waiting' });
  });

  it('asks a person, and takes nothing back by itself, when a step was refused that asks', () => {
    const asking = defineRecipe<object>('t', { version: 1, ...hooks })
      .step('a', { run: nothing, undo: nothing })
      .pivot('pay', { refused: 'ask', run: nothing })
      .build();
    const refused = rows({ pay: { state: 'failed', error: 'taken', errorCode: 'already-exists' } }).filter(
      ({ name }) => name === 'a' || name === 'pay',
    );
    expect(stateOfTask(asking, refused, forward)).toMatchObject({
      kind: 'needs-attention',
      step: 'pay',
      error: 'taken',
    });
    expect(stateOfTask(asking, refused, cancelled)).toMatchObject({ kind: 'turn-round', errorCode: 'cancelled' });
  });

  describe('with a pivot that takes days, without which the order can be used', () => {
    const slow = defineRecipe<object>('t', { version: 1, ...hooks })
      .step('a', { run: nothing, undo: nothing })
      .pivot('move', { meanwhile: 'usable', refused: 'ask', run: nothing })
      .then_('point', { after: ['move'], optional: 'degraded', run: nothing })
      .then_('tell', { run: nothing })
      .build();
    const only = (changes: Parameters<typeof rows>[0]) =>
      slow.steps.map(({ name }) => ({
        ...(rows({ a: changes[name] ?? {} })[0] as StepRow),
        name,
      }));
    const note = { reference: 'r' };
    const begun = { move: { state: 'waiting', note, ...later }, point: pending, tell: pending } as const;

    it('goes on with what does not name it, as soon as the vendor is at it', () => {
      expect(names(readySteps(slow, only(begun)))).toEqual(['tell']);
      const unsure = { ...begun, move: { state: 'waiting', ...later } } as const;
      expect(readySteps(slow, only(unsure))).toEqual([]);
    });

    it('is waiting and usable, and says what is missing', () => {
      const told = { ...begun, tell: {} };
      expect(isUsable(slow, only(told))).toBe(true);
      expect(leavesOptional(slow, only(told))).toBe(false);
      expect(stateOfTask(slow, only(told), forward)).toEqual({ kind: 'waiting', degraded: ['move', 'point'] });
      expect(isUsable(slow, only(begun))).toBe(false);
    });

    it('asks a person when it is refused, or does not get on', () => {
      const refused = { move: { state: 'failed', error: 'no' }, point: pending } as const;
      expect(stateOfTask(slow, only(refused), forward)).toMatchObject({ kind: 'needs-attention', step: 'move' });
      const stuck = { move: { state: 'waiting', note, errorCode: 'unavailable' }, point: pending } as const;
      expect(stateOfTask(slow, only(stuck), forward)).toMatchObject({ kind: 'needs-attention', step: 'move' });
    });
  });

  it('turns round on request before money was spent, and not after', () => {
    expect(stateOfTask(recipe, rows(unpaid), cancelled)).toMatchObject({ kind: 'turn-round', errorCode: 'cancelled' });
    expect(stateOfTask(recipe, rows({ tell: pending }), cancelled)).toEqual({ kind: 'waiting' });
  });

  it('asks a person when a step after the pivot failed, or one does not get on', () => {
    expect(stateOfTask(recipe, rows({ tell: { state: 'failed' } }), forward)).toMatchObject({ step: 'tell' });
    const stuck = rows({ b: { state: 'unknown', error: 'no answer' }, ...unpaid });
    expect(stateOfTask(recipe, stuck, forward)).toMatchObject({
      kind: 'needs-attention',
      step: 'b',
      error: 'no answer',
    });
  });

  it('says that the service can be used while only optional steps are left', () => {
    const open = rows({ ssl: { state: 'waiting', ...later }, redirect: pending });
    expect(isUsable(recipe, open)).toBe(true);
    expect(stateOfTask(recipe, open, forward)).toEqual({ kind: 'waiting', degraded: ['ssl', 'redirect'] });
    expect(isUsable(recipe, rows({ tell: pending }))).toBe(false);
  });

  it('is completed, degraded, when the optional steps will not get on', () => {
    const changes = { ssl: { state: 'waiting' }, redirect: { state: 'failed' } } as const;
    expect(stateOfTask(recipe, rows(changes), forward)).toEqual({ kind: 'completed', degraded: ['ssl', 'redirect'] });
  });

  it('is undone when nothing is left to take back, and asks only about the step whose turn it is', () => {
    const gone = { a: { state: 'compensated' }, b: { state: 'compensated' }, c: { state: 'skipped' } } as const;
    expect(stateOfTask(recipe, rows({ ...gone, ...unpaid }), undo)).toEqual({ kind: 'undone' });
    const earlier = { a: { state: 'unknown' }, b: { state: 'undoing', ...later }, c: pending } as const;
    expect(stateOfTask(recipe, rows({ ...earlier, ...unpaid }), undo)).toEqual({ kind: 'waiting' });
    const stuck = { b: { state: 'undoing', error: 'locked' }, c: pending } as const;
    expect(stateOfTask(recipe, rows({ ...stuck, ...unpaid }), undo)).toMatchObject({ step: 'b', error: 'locked' });
  });
});
