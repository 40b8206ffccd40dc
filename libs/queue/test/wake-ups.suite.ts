import { DatabaseModule, inTransaction, newId } from '@keelson/database';
import { testDatabase, type TestDatabase } from '@keelson/testing/database';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { setTimeout as pause } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import {
  QueueModule,
  WakeUpHandlers,
  WakeUpWorkers,
  WakeUps,
  queueNames,
  type WakeUp,
  type WakeUpHandler,
} from '../src/index.js';

/** A process of the engine: all it has are the database and the queues. */
export async function startProcess(databaseUrl: string, redisUrl?: string): Promise<INestApplicationContext> {
  @Module({ imports: [DatabaseModule.forRoot({ url: databaseUrl }), QueueModule.forRoot({ databaseUrl, redisUrl })] })
  class ProcessModule {}
  return NestFactory.createApplicationContext(ProcessModule, { logger: false, abortOnError: false });
}

/** Adds wake-ups in a transaction of their own. */
export async function wakeUp(app: INestApplicationContext, wakeUps: WakeUp | WakeUp[]): Promise<void> {
  await inTransaction(app.get(DataSource), (manager) => app.get(WakeUps).add(manager, wakeUps));
}

export async function until(done: () => boolean): Promise<void> {
  while (!done()) await pause(5);
}

/** The promises of `WakeUps`, whatever store the queues are in. */
export function describeWakeUps(
  store: string,
  startStore: () => Promise<{ redisUrl?: string; stop(): Promise<void> }>,
): void {
  describe(`wake-ups on ${store}`, () => {
    let database: TestDatabase;
    let queueStore: Awaited<ReturnType<typeof startStore>>;
    const apps: INestApplicationContext[] = [];

    beforeAll(async () => {
      [database, queueStore] = await Promise.all([testDatabase(), startStore()]);
    });

    afterEach(async () => {
      await Promise.all(apps.splice(0).map((app) => app.close()));
    });

    afterAll(async () => {
      await queueStore.stop();
      await database.drop();
    });

    async function start(): Promise<INestApplicationContext> {
      const app = await startProcess(database.url, queueStore.redisUrl);
      apps.push(app);
      return app;
    }

    /** A process that works the kinds given in the queue `provisioning`. */
    async function startWorker(
      kinds: Record<string, WakeUpHandler>,
      concurrency = 4,
    ): Promise<INestApplicationContext> {
      const app = await start();
      for (const [kind, handler] of Object.entries(kinds))
        app.get(WakeUpHandlers).register('provisioning', kind, handler);
      await app.get(WakeUpWorkers).start({ provisioning: concurrency });
      return app;
    }

    const task = (id: string, more: Partial<WakeUp> = {}): WakeUp => ({
      queue: 'provisioning',
      kind: 'task',
      id,
      ...more,
    });

    it('calls the handler with the id once the transaction has committed', async () => {
      const id = newId();
      let committed = false;
      const calls: { id: string; committed: boolean }[] = [];
      const app = await startWorker({ task: async (called) => void calls.push({ id: called, committed }) });
      await inTransaction(app.get(DataSource), async (manager) => {
        await app.get(WakeUps).add(manager, task(id));
        await pause(200);
        committed = true;
      });
      await until(() => calls.length > 0);
      expect(calls).toEqual([{ id, committed: true }]);
    });

    it('never calls it when the transaction rolls back', async () => {
      const calls: string[] = [];
      const app = await startWorker({ task: async (id) => void calls.push(id) });
      const rolledBack = inTransaction(app.get(DataSource), async (manager) => {
        await app.get(WakeUps).add(manager, task(newId()));
        throw new Error('no');
      });
      await expect(rolledBack).rejects.toThrow('no');
      const committed = newId();
      await wakeUp(app, task(committed));
      await until(() => calls.length > 0);
      await pause(300);
      expect(calls).toEqual([committed]);
    });

    it('refuses a wake-up outside of a transaction', async () => {
      const app = await start();
      const added = app.get(WakeUps).add(app.get(DataSource).manager, task(newId()));
      await expect(added).rejects.toThrow('inTransaction');
    });

    it('keeps wake-ups for a worker that starts later, in another process', async () => {
      const id = newId();
      await wakeUp(await start(), task(id));
      const calls: string[] = [];
      await startWorker({ task: async (called) => void calls.push(called) });
      await until(() => calls.length > 0);
      expect(calls).toEqual([id]);
    });

    it('calls again for a wake-up that arrives while the row is being worked', async () => {
      const id = newId();
      let calls = 0;
      let goOn!: () => void;
      const working = new Promise<void>((resolve) => (goOn = resolve));
      const app = await startWorker({
        task: async () => {
          calls += 1;
          if (calls === 1) await working;
        },
      });
      await wakeUp(app, task(id));
      await until(() => calls === 1);
      await wakeUp(app, task(id));
      goOn();
      await until(() => calls === 2);
      expect(calls).toBe(2);
    });

    it('waits as long as asked', async () => {
      const due: Record<string, number> = {};
      const app = await startWorker({ task: async (id) => void (due[id] = Date.now()) });
      const [soon, later] = [newId(), newId()];
      const before = Date.now();
      await wakeUp(app, [task(later, { delayMs: 1_500 }), task(soon)]);
      await until(() => later in due);
      expect(due[later]! - before).toBeGreaterThanOrEqual(1_450);
      expect(due[soon]!).toBeLessThan(due[later]!);
    });

    it('takes the urgent first', async () => {
      const [last, second, first] = [newId(), newId(), newId()];
      await wakeUp(await start(), [task(last, { priority: 9 }), task(second, { priority: 2 }), task(first)]);
      const calls: string[] = [];
      // Redis takes them from the outbox at once; give it the time.
      await pause(300);
      await startWorker({ task: async (id) => void calls.push(id) }, 1);
      await until(() => calls.length === 3);
      expect(calls).toEqual([first, second, last]);
    });

    it('calls again after a failure', async () => {
      let calls = 0;
      const app = await startWorker({
        task: async () => {
          calls += 1;
          if (calls === 1) throw new Error('not now');
        },
      });
      await wakeUp(app, task(newId()));
      await until(() => calls === 2);
      expect(calls).toBe(2);
    });

    it('works what is added alone in the same process at once, and stores what that has no room for', async () => {
      const [first, second] = [newId(), newId()];
      const calls: string[] = [];
      let goOn!: () => void;
      const working = new Promise<void>((resolve) => (goOn = resolve));
      const app = await startWorker({ task: async (id) => (calls.push(id), working) }, 1);
      const added = app.get(WakeUps).addAlone(app.get(DataSource), [task(first), task(second)]);
      expect(calls).toEqual([first]);
      await added;
      await until(() => calls.length === 2);
      goOn();
      expect(calls).toEqual([first, second]);
    });

    it('stores what is added alone in a process that does not work', async () => {
      const id = newId();
      const app = await start();
      await app.get(WakeUps).addAlone(app.get(DataSource), [task(id)]);
      const calls: string[] = [];
      await startWorker({ task: async (called) => void calls.push(called) });
      await until(() => calls.length > 0);
      expect(calls).toEqual([id]);
    });

    it('lets what it works past the store finish at shutdown', async () => {
      let finished = false;
      const app = await startWorker({ task: () => pause(300).then(() => void (finished = true)) });
      await app.get(WakeUps).addAlone(app.get(DataSource), [task(newId())]);
      await apps.pop()!.close();
      expect(finished).toBe(true);
    });

    it('brings each kind of every queue to its own handler', async () => {
      const app = await start();
      const calls: string[] = [];
      for (const queue of queueNames) {
        for (const kind of ['one', 'other']) {
          app.get(WakeUpHandlers).register(queue, kind, async (id) => void calls.push(`${queue} ${kind} ${id}`));
        }
      }
      await app.get(WakeUpWorkers).start();
      const id = newId();
      const all = queueNames.flatMap((queue) => ['one', 'other'].map((kind) => ({ queue, kind, id })));
      await wakeUp(app, all);
      await until(() => calls.length === all.length);
      expect(calls.sort()).toEqual(all.map(({ queue, kind }) => `${queue} ${kind} ${id}`).sort());
    });

    it('brings a thousand of many transactions at once, each exactly to a call', async () => {
      const ids = Array.from({ length: 1_000 }, newId);
      const calls: string[] = [];
      const app = await startWorker({ task: async (id) => void calls.push(id) }, 8);
      await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          wakeUp(
            app,
            ids.slice(n * 50, n * 50 + 50).map((id) => task(id)),
          ),
        ),
      );
      await until(() => calls.length >= ids.length);
      expect(new Set(calls)).toEqual(new Set(ids));
    });

    it('lets a running handler finish at shutdown', async () => {
      let finished = false;
      let running = false;
      const app = await startWorker({
        task: async () => {
          running = true;
          await pause(500);
          finished = true;
        },
      });
      await wakeUp(app, task(newId()));
      await until(() => running);
      await apps.pop()!.close();
      expect(finished).toBe(true);
    });

    it('ends at shutdown although a handler does not, after it told it to stop', async () => {
      let aborted = false;
      let running = false;
      const app = await startWorker({
        task: (_id, signal) => {
          signal.addEventListener('abort', () => (aborted = true));
          running = true;
          return new Promise(() => undefined);
        },
      });
      await wakeUp(app, task(newId()));
      await until(() => running);
      const asked = Date.now();
      await apps.pop()!.close();
      expect(aborted).toBe(true);
      expect(Date.now() - asked).toBeLessThan(12_000);
    });
  });
}
