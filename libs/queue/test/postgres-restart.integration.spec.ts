import { migrate, newId, startEmbeddedPostgres } from '@keelson/database';
import { expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { WakeUpHandlers, WakeUpWorkers, runQueueMigrations } from '../src/index.js';
import { startProcess, until, wakeUp } from './wake-ups.suite.js';

it('works again within seconds after Postgres was killed, without losing what was committed', async () => {
  const home = mkdtempSync(join(tmpdir(), 'keelson-test-'));
  const postgres = await startEmbeddedPostgres({ home });
  await migrate(postgres.url);
  await runQueueMigrations(postgres.url);
  const app = await startProcess(postgres.url);
  const calls: string[] = [];
  app.get(WakeUpHandlers).register('provisioning', 'task', async (id) => void calls.push(id));
  await app.get(WakeUpWorkers).start();

  const [waiting, after] = [newId(), newId()];
  await wakeUp(app, { queue: 'provisioning', kind: 'task', id: waiting, delayMs: 1_000 });
  process.kill(Number(readFileSync(join(home, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]), 'SIGKILL');
  const killed = Date.now();
  for (let added = false; !added;) {
    const wanted = { queue: 'provisioning', kind: 'task', id: after } as const;
    added = await wakeUp(app, wanted).then(
      () => true,
      () => pause(100).then(() => false),
    );
  }
  await until(() => calls.includes(waiting) && calls.includes(after));
  expect(Date.now() - killed).toBeLessThan(15_000);

  await app.close();
  await postgres.stop();
  rmSync(home, { recursive: true });
});
