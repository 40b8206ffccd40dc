import 'reflect-metadata';
import { JsonLogger, type Runtime } from '@keelson/core';
import { assertInstallationKey } from '@keelson/database';
import { WakeUpWorkers } from '@keelson/queue';
import { NestFactory } from '@nestjs/core';
import { WorkerModule } from './worker.module.js';

/** So many connections may hang and fill their places at the same time before a worker has no hand free for the others. */
const jobsPerPlace = 4;

/** A worker that runs in this process. */
export interface RunningWorker {
  /** Finishes what is under way, for a bounded time, and stops. */
  close(): Promise<void>;
}

/** Starts a worker: queue handlers and schedules, no HTTP. Any number of them may run against one database. */
export async function startWorker(runtime: Runtime, databaseUrl: string): Promise<RunningWorker> {
  await assertInstallationKey(databaseUrl, runtime.keyring);
  const app = await NestFactory.createApplicationContext(WorkerModule.forRoot(runtime, databaseUrl), {
    logger: new JsonLogger({ level: runtime.settings.logLevel }),
  });
  await app.get(WakeUpWorkers).start({ provisioning: runtime.settings.workerConcurrency * jobsPerPlace });
  return { close: () => app.close() };
}
