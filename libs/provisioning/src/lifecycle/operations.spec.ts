import { describe, expect, it } from '@jest/globals';
import { productTypes } from '@keelson/core';
import { serviceStatuses } from '@keelson/hosting';
import { RecipeRegistry } from '../engine/recipe-registry.js';
import { allRecipes } from './all-recipes.js';
import type { RecipeTools } from '../recipes/recipe-tools.js';
import { findOperation, operationNames } from './operations.js';

/** Declaring a recipe uses none of its tools but the settings. */
const registry = new RecipeRegistry(allRecipes({ settings: {} } as RecipeTools));

describe('the table of operations', () => {
  it.each(operationNames)('names recipes, states and people that exist: %s', (name) => {
    const operation = findOperation(name)!;
    expect(name).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(operation.summary).not.toBe('');
    expect(operation.from.length).toBeGreaterThan(0);
    for (const status of operation.from) expect(serviceStatuses).toContain(status);
    for (const role of operation.roles) expect(['admin', 'operator', 'customer']).toContain(role);
    const { recipe } = operation;
    if (typeof recipe !== 'string') for (const type of Object.keys(recipe)) expect(productTypes).toContain(type);
    const recipes = typeof recipe === 'string' ? [recipe] : Object.values(recipe);
    for (const one of recipes) expect(registry.newest(one).steps.length).toBeGreaterThan(0);
  });

  it('can tell what each of its steps would do', () => {
    const silent = registry
      .list()
      .flatMap(({ name, steps }) =>
        steps
          .filter(({ port, plan, look, run }) => port !== undefined && plan === undefined && look !== run)
          .map((step) => `${name}: ${step.name}`),
      );
    expect(silent).toEqual([]);
  });

  it('knows nothing else', () => {
    for (const name of ['explode', 'constructor', '__proto__', 'toString', ''])
      expect(findOperation(name)).toBeUndefined();
  });
});
