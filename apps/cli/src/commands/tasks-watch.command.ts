import { setTimeout as sleep } from 'node:timers/promises';
import { dataSourceOptions, fromPublicId, toPublicId } from '@keelson/database';
import { ProvisioningEvent, provisioningEntities, ProvisioningTask } from '@keelson/provisioning';
import { DataSource } from 'typeorm';
import { openDatabase } from './open-database.js';

const lookEveryMs = 250;

/** An event as the database tells it. */
interface Row {
  id: string;
  task_id: string;
  at: Date;
  type: string;
  step: string | null;
  data: Record<string, unknown>;
}

/**
 * Prints what happens to provisioning jobs as it happens, one line an event. Of one job: from its beginning, until it is over or needs a
 * person; ends with 1 unless it completed. Of all jobs: from now on, until it is stopped.
 */
export async function watchTasks(job: string | undefined): Promise<void> {
  const database = await openDatabase(process.env);
  const dataSource = await new DataSource(dataSourceOptions({ url: database.url }, provisioningEntities)).initialize();
  try {
    const taskId = job === undefined ? undefined : fromPublicId('job', job);
    if (taskId !== undefined) process.exitCode = (await follow(dataSource, taskId)) ? 0 : 1;
    else await followAll(dataSource);
  } finally {
    await dataSource.destroy();
    await database.close();
  }
}

async function follow(dataSource: DataSource, taskId: string): Promise<boolean> {
  let last = '0';
  for (;;) {
    const task = await dataSource.manager.findOneBy(ProvisioningTask, { id: taskId });
    if (task === null) throw new Error(`there is no job ${toPublicId('job', taskId)}`);
    const resting = !['queued', 'running', 'waiting'].includes(task.status);
    const rows = await eventsAfter(dataSource, last, resting, taskId);
    rows.forEach((row) => print(row, false));
    last = rows.at(-1)?.id ?? last;
    if (resting && rows.length === 0) return task.status === 'completed';
    await sleep(lookEveryMs);
  }
}

async function followAll(dataSource: DataSource): Promise<void> {
  let stopped = false;
  process.once('SIGINT', () => (stopped = true));
  let last = (await dataSource.manager.find(ProvisioningEvent, { order: { id: 'DESC' }, take: 1 }))[0]?.id ?? '0';
  process.stdout.write('watching every job; Ctrl-C ends it\n');
  while (!stopped) {
    const rows = await eventsAfter(dataSource, last, false);
    rows.forEach((row) => print(row, true));
    last = rows.at(-1)?.id ?? last;
    await sleep(lookEveryMs);
  }
}

/** @param all also what might still be overtaken by an event of an older transaction */
function eventsAfter(dataSource: DataSource, last: string, all: boolean, taskId?: string): Promise<Row[]> {
  return dataSource.query<Row[]>(
    `SELECT id, task_id, at, type, step, data FROM provisioning_events
      WHERE id > $1 AND ($2::uuid IS NULL OR task_id = $2) AND ($3 OR xact < pg_snapshot_xmin(pg_current_snapshot()))
      ORDER BY id LIMIT 500`,
    [last, taskId ?? null, all],
  );
}

function print({ task_id, at, type, step, data }: Row, withJob: boolean): void {
  const told = Object.entries(data)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const words = [at.toISOString(), withJob ? toPublicId('job', task_id) : '', type.padEnd(20), step ?? '', ...told];
  process.stdout.write(`${words.filter((word) => word !== '').join('  ')}\n`);
}
