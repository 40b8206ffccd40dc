import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { NewService } from '@keelson/hosting';
import { ProvisioningHarness } from '../../test/provisioning-harness.js';
import { StoppingJournal } from '../../test/stopping-journal.js';
import { provisionRecipes } from './provision-recipes.js';
import { recordedOutput, recordTimeline, timelines } from '../../test/timeline-recording.js';

/** One order for each way through a recipe. `KEELSON_RECORD=1` records the newest versions anew: before a release, never after. */
const orders: Partial<NewService>[] = [
  { type: 'hosting', domain: 'shop.example' },
  { type: 'hosting', domain: 'shop.example', domainMode: 'new_registration' },
  { type: 'email', domain: 'shop.example' },
  { type: 'domain', domain: 'shop.example', domainMode: 'new_registration' },
  { type: 'licence', domain: undefined },
  { type: 'vps', domain: 'shop.example' },
];

const names = (timeline: { recipe: string; version: number; order: Partial<NewService> }) =>
  `${timeline.recipe} version ${timeline.version}, domain ${timeline.order.domainMode ?? 'external'}`;

describe('tasks that an older release began', () => {
  let harness: ProvisioningHarness;

  beforeAll(async () => {
    harness = await ProvisioningHarness.open();
    if (process.env['KEELSON_RECORD'] !== '1') return;
    for (const order of orders) {
      await harness.reset();
      await recordTimeline(harness, order);
    }
  }, 120_000);
  afterAll(() => harness?.close());
  beforeEach(() => harness.reset());

  it('are recorded, for every recipe that makes a service', () => {
    const made = harness.registry.list().filter(({ name }) => Object.values(provisionRecipes).includes(name));
    expect(new Set(timelines().map(({ recipe, version }) => `${recipe} ${version}`))).toEqual(
      new Set(made.map(({ name, version }) => `${name} ${version}`)),
    );
  });

  it.each(timelines().map((timeline) => [names(timeline), timeline] as const))(
    'are finished by this one from wherever they stand: %s',
    async (_name, { recipe, version, order, steps }) => {
      expect(harness.registry.find(recipe, version)?.steps.map(({ name }) => name)).toEqual(
        steps.map(({ name }) => name),
      );
      for (let done = 0; done <= steps.length; done += 1) {
        await harness.reset();
        const { taskId, serviceId } = await harness.order(order);
        const journal = new StoppingJournal(harness.dataSource, done);
        await harness.runner(journal).drive(taskId, journal.signal);
        for (const { name, output } of steps) {
          await harness.dataSource.query(
            `UPDATE provisioning_steps SET output = $3 WHERE task_id = $1 AND name = $2 AND state = 'completed'`,
            [taskId, name, JSON.stringify(await recordedOutput(harness, serviceId, output))],
          );
        }
        expect([done, await harness.finish(taskId)]).toMatchObject([done, { status: 'completed' }]);
        expect(await harness.row('services', serviceId)).toMatchObject({ status: 'active', degraded: [] });
      }
    },
    60_000,
  );
});
