import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { NewService } from '@keelson/hosting';
import type { ProvisioningHarness } from './provisioning-harness.js';

/** How a task of one version of a recipe went: what each finished step left behind, with this run's ids replaced by their names. */
export interface TimelineRecording {
  recipe: string;
  version: number;
  order: Partial<NewService>;
  steps: { name: string; state: 'completed' | 'skipped'; output: unknown }[];
}

const folder = fileURLToPath(new URL('./timelines/', import.meta.url));

/** Recordings of every version that was ever released. None is changed or removed while a task of its version may be unfinished. */
export function timelines(): TimelineRecording[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(`${folder}${name}`, 'utf8')) as TimelineRecording)
    .map((recording) => ({ ...recording, order: { ...recording.order, domain: recording.order.domain ?? undefined } }));
}

/** Runs the newest version of the recipe of this order to its end and keeps how it went as a file. */
export async function recordTimeline(harness: ProvisioningHarness, order: Partial<NewService>): Promise<void> {
  const { taskId, serviceId } = await harness.order(order);
  const task = await harness.finish(taskId);
  if (task.status !== 'completed')
    throw new Error(`only a task that completed is a recording; this one: ${task.error}`);
  const names = await namesOf(harness, serviceId);
  const recording: TimelineRecording = {
    recipe: task.recipe,
    version: task.recipeVersion,
    // JSON knows no `undefined`: an order without a domain says so by null.
    order: { ...order, domain: order.domain ?? (null as unknown as undefined) },
    steps: (await harness.journal.steps(taskId)).map(({ name, state, output }) => ({
      name,
      state: state as 'completed' | 'skipped',
      output: replaced(output, names, (value, name) => [value, `{${name}}`]),
    })),
  };
  mkdirSync(folder, { recursive: true });
  const file = `${folder}${task.recipe}.v${task.recipeVersion}.${order.domainMode ?? 'external'}.json`;
  writeFileSync(file, `${JSON.stringify(recording, null, 2)}\n`);
}

/** What the recorded release would have left in the step of this service. */
export async function recordedOutput(
  harness: ProvisioningHarness,
  serviceId: string,
  output: unknown,
): Promise<unknown> {
  return replaced(output, await namesOf(harness, serviceId), (value, name) => [`{${name}}`, value]);
}

/** Values that differ from run to run, by the name that stands for them in a recording. */
async function namesOf(harness: ProvisioningHarness, serviceId: string): Promise<Record<string, string>> {
  const service = await harness.row<{ server_id: string | null; username: string | null }>('services', serviceId);
  return Object.fromEntries(
    Object.entries({ service: serviceId, server: service?.server_id, username: service?.username }).filter(
      (pair): pair is [string, string] => typeof pair[1] === 'string',
    ),
  );
}

function replaced(
  output: unknown,
  names: Record<string, string>,
  pair: (value: string, name: string) => [from: string, to: string],
): unknown {
  if (output === null || output === undefined) return null;
  return JSON.parse(
    Object.entries(names).reduce((text, [name, value]) => {
      const [from, to] = pair(value, name);
      return text.replaceAll(from, to);
    }, JSON.stringify(output)),
  );
}
