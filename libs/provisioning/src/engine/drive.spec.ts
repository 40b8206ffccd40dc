import { dnsPort } from '@keelson/core';
import { describe, expect, it } from '@jest/globals';
import type { EntityManager } from 'typeorm';
import { Drive } from './drive.js';
import type { BegunTask, StepRow } from './journal.types.js';
import { defineRecipe, type Recipe, type RecipeStep } from './recipe.js';

let loads = 0;

const nothing = { run: async () => undefined, undo: async () => undefined };
const recipe: Recipe = defineRecipe<object>('drive.test', {
  version: 1,
  load: () => Promise.resolve({ load: (loads += 1) }),
  bindingOf: () => ({ productId: '', productType: 'hosting' }),
})
  .step('tables', nothing)
  .step('vendor', { ...nothing, needs: dnsPort })
  .step('both', { ...nothing, needs: dnsPort, record: async () => undefined })
  .build();

function rowsIn(states: Partial<Record<string, StepRow['state']>> = {}): StepRow[] {
  return recipe.steps.map(({ name }) => {
    return { id: `id of ${name}`, name, state: states[name] ?? 'pending', output: null, heldInMs: null } as StepRow;
  });
}

function stepOf(name: string): RecipeStep {
  return recipe.steps.find((step) => step.name === name) as RecipeStep;
}

function stateOf({ rows }: Drive, name: string): string | undefined {
  return rows.find((row) => row.name === name)?.state;
}

/** A drive whose steps are as given, and are read as given later. */
async function driveOf(rows: StepRow[], later: () => StepRow[] = rowsIn): Promise<Drive> {
  const task = { was: 'waiting', input: {} } as BegunTask;
  const ports = { find: () => Promise.resolve(undefined) };
  const drive = new Drive(task, recipe, {} as EntityManager, ports, () => Promise.resolve(later()));
  await drive.read(rows);
  return drive;
}

describe('Drive', () => {
  it('knows what a step that ended here gave, as the table would give it back', async () => {
    const drive = await driveOf(rowsIn());
    const output = { at: new Date(0), none: undefined };
    expect(drive.note(stepOf('vendor'), { state: 'completed', output })).toBe(true);
    expect((await drive.frame()).done).toEqual({ vendor: { at: '1970-01-01T00:00:00.000Z' } });
  });

  it('is not misled by a read that began before a step ended', async () => {
    const drive = await driveOf(rowsIn(), () => rowsIn({ vendor: 'intent' }));
    drive.note(stepOf('vendor'), { state: 'completed' });
    await drive.read();
    expect(stateOf(drive, 'vendor')).toBe('completed');
  });

  it('believes the table about what was taken back', async () => {
    const drive = await driveOf(rowsIn(), () => rowsIn({ vendor: 'compensated' }));
    drive.note(stepOf('vendor'), { state: 'completed' });
    await drive.read();
    expect(stateOf(drive, 'vendor')).toBe('compensated');
  });

  it('wants to read again when a step did not come to its end here', async () => {
    const drive = await driveOf(rowsIn());
    expect(drive.note(stepOf('vendor'), { state: 'waiting' })).toBe(false);
    expect(drive.note(stepOf('vendor'), undefined)).toBe(false);
  });

  it('knows that a step waits in a line, and for how long', async () => {
    const drive = await driveOf(rowsIn());
    expect(drive.note(stepOf('vendor'), { state: 'held', delayMs: 30_000 })).toBe(true);
    expect(drive.rows.find(({ name }) => name === 'vendor')?.heldInMs).toBeGreaterThanOrEqual(30_000);
  });

  it('reads the order again only after steps that may have written it, here or elsewhere', async () => {
    loads = 0;
    const drive = await driveOf(rowsIn(), () => rowsIn({ tables: 'completed' }));
    await drive.frame();
    drive.note(stepOf('vendor'), { state: 'completed' });
    await drive.frame();
    expect(loads).toBe(1);
    drive.note(stepOf('both'), { state: 'completed' });
    await drive.frame();
    expect(loads).toBe(2);
    await drive.read();
    await drive.frame();
    expect(loads).toBe(3);
    await drive.read();
    await drive.frame();
    expect(loads).toBe(3);
  });
});
