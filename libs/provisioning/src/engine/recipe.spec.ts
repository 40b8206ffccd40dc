import { describe, expect, it } from '@jest/globals';
import { dnsPort, provisionerPort } from '@keelson/core';
import { defineRecipe } from './recipe.js';
import { RecipeRegistry } from './recipe-registry.js';

interface Order {
  zone: string;
}
const hooks = {
  load: () => Promise.resolve({ zone: 'a.example' }),
  bindingOf: () => ({ productId: '', productType: 'hosting' }),
};
const recipe = (name: string, version = 1) => defineRecipe<Order>(name, { version, ...hooks });
const nothing = () => Promise.resolve();
const yields = <T>(value: T) => ({ run: () => Promise.resolve(value), undo: nothing });

describe('a recipe', () => {
  it('is data that nobody changes', () => {
    const built = recipe('t').step('a', yields(1)).build();
    expect(built).toMatchObject({ name: 't', version: 1, steps: [{ name: 'a', phase: 'before', after: [] }] });
    expect(Object.isFrozen(built)).toBe(true);
    expect(Object.isFrozen(built.steps)).toBe(true);
  });

  it('lets the pivot wait for every step before it, and every later step for the pivot', () => {
    const { steps } = recipe('t')
      .step('a', yields(1))
      .step('b', yields(2))
      .pivot('p', { run: nothing })
      .then_('c', { run: nothing })
      .then_('d', { after: ['c'], run: nothing })
      .build();
    expect(Object.fromEntries(steps.map(({ name, after }) => [name, after]))).toEqual({
      a: [],
      b: [],
      p: ['a', 'b'],
      c: ['p'],
      d: ['c', 'p'],
    });
  });

  it('may spend its money in one of several ways: they wait for what comes before, not for each other', () => {
    const { steps } = recipe('t')
      .step('a', yields(1))
      .pivot('buy', { run: nothing })
      .orPivot('move', { refused: 'ask', run: nothing })
      .then_('c', { run: nothing })
      .build();
    expect(Object.fromEntries(steps.map(({ name, after }) => [name, after]))).toEqual({
      a: [],
      buy: ['a'],
      move: ['a'],
      c: ['buy', 'move'],
    });
    expect(steps.filter(({ asks }) => asks).map(({ name }) => name)).toEqual(['move']);
  });

  it('refuses a step that is declared twice', () => {
    const twice = recipe('t').step('a', yields(1)) as never as { step(name: string, step: object): unknown };
    expect(() => twice.step('a', yields(1))).toThrow('the step a is declared twice');
  });

  it('is no promise: it can be returned from an async function', async () => {
    const builder = recipe('t').step('a', yields(1));
    expect(await Promise.resolve(builder)).toBe(builder);
  });

  it('is held to its rules by the compiler', () => {
    // @ts-expect-error before the pivot a step must say how it is taken back
    recipe('t').step('a', { run: nothing });
    // @ts-expect-error the pivot cannot be taken back
    recipe('t').pivot('p', { run: nothing, undo: nothing });
    // @ts-expect-error nor can what follows it
    recipe('t').pivot('p', { run: nothing }).then_('a', { run: nothing, undo: nothing });
    // @ts-expect-error what is taken back by itself asks nobody
    recipe('t').step('a', { run: nothing, undo: nothing, refused: 'ask' });
    // @ts-expect-error after the money there is no other way of spending it
    recipe('t').pivot('p', { run: nothing }).then_('a', { run: nothing }).orPivot('q', { run: nothing });
    // @ts-expect-error there is no step before the pivot that is optional
    recipe('t').step('a', { run: nothing, undo: nothing, optional: 'degraded' });
    const started = recipe('t').step('a', yields(1));
    // @ts-expect-error there is no earlier step of that name
    started.step('b', { after: ['c'], ...yields(2) });
    recipe('t')
      .step('a', yields({ ip: '192.0.2.1' }))
      .step('b', {
        ...yields(1),
        skipWhen: ({ done, order }) => {
          const ip: string | undefined = done.a?.ip;
          // @ts-expect-error the output of `a` has no such field
          const port: unknown = done.a?.port;
          // @ts-expect-error `b` has not run yet
          const own: unknown = done.b;
          return [ip, port, own, order.zone].join();
        },
      });
    recipe('t').step('a', {
      needs: dnsPort,
      run: ({ adapter, order }) => adapter.removeZone(order.zone),
      // @ts-expect-error the port dns has no accounts
      undo: ({ adapter }) => adapter.removeAccount('a'),
    });
    recipe('t').step('a', {
      needs: provisionerPort,
      // @ts-expect-error a capability must be asked for before it is used
      run: ({ adapter }) => adapter.findDatabase('a', 'b'),
      undo: nothing,
    });
    expect(started.build().steps.map(({ name, phase }) => `${name} ${phase}`)).toEqual(['a before', 'b before']);
  });
});

describe('the registry of recipes', () => {
  const versions = [1, 3, 2].map((version) => recipe('t', version).build());

  it('begins with the newest version and still knows the older ones', () => {
    const registry = new RecipeRegistry(versions);
    expect(registry.newest('t').version).toBe(3);
    expect(registry.find('t', 1)?.version).toBe(1);
    expect(registry.find('t', 4)).toBeUndefined();
    expect(() => registry.newest('u')).toThrow('there is no recipe called u');
  });

  it('refuses one that is there twice', () => {
    expect(() => new RecipeRegistry([...versions, recipe('t', 2).build()])).toThrow('t version 2 is declared twice');
  });
});
