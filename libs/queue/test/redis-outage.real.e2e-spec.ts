import { once } from 'node:events';
import { connect } from 'node:net';
import { BootError } from '@keelson/core';
import { newId } from '@keelson/database';
import { testDatabase, testRedis, type TestDatabase, type TestRedis } from '@keelson/testing/database';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { QueueConnection, WakeUpHandlers, WakeUpWorkers } from '../src/index.js';
import { startProcess, until, wakeUp } from './wake-ups.suite.js';

describe('a Redis that is away', () => {
  let database: TestDatabase;
  let redis: TestRedis;
  const apps: INestApplicationContext[] = [];

  beforeAll(async () => {
    [database, redis] = await Promise.all([testDatabase(), testRedis()]);
  });

  afterEach(async () => {
    await Promise.all(apps.splice(0).map((app) => app.close()));
  });

  afterAll(async () => {
    await redis.stop();
    await database.drop();
  });

  async function start(): Promise<INestApplicationContext> {
    const app = await startProcess(database.url, redis.url);
    apps.push(app);
    return app;
  }

  const task = (id: string) => ({ queue: 'provisioning', kind: 'task', id }) as const;

  it('does not hold up who changes state, and gets all wake-ups when it is back', async () => {
    const app = await start();
    const calls: string[] = [];
    app.get(WakeUpHandlers).register('provisioning', 'task', async (id) => void calls.push(id));
    await app.get(WakeUpWorkers).start();
    await redis.stop();

    const ids = Array.from({ length: 50 }, newId);
    const began = Date.now();
    for (const id of ids) await wakeUp(app, task(id));
    expect(Date.now() - began).toBeLessThan(2_000);
    await expect(app.get(QueueConnection).ping()).rejects.toThrow();
    expect(calls).toEqual([]);

    await redis.start();
    await until(() => calls.length >= ids.length);
    expect(new Set(calls)).toEqual(new Set(ids));
    await app.get(QueueConnection).ping();
  });

  it('keeps what it has no memory for in the outbox, until it has', async () => {
    const app = await start();
    const calls: string[] = [];
    app.get(WakeUpHandlers).register('provisioning', 'task', async (id) => void calls.push(id));
    await app.get(WakeUpWorkers).start();
    await redisCommand(redis.url, 'CONFIG SET maxmemory 1');
    const ids = Array.from({ length: 20 }, newId);
    for (const id of ids) await wakeUp(app, task(id));
    const kept = async () => {
      const [row] = await app.get(DataSource).query<{ count: number }[]>('SELECT count(*)::int AS count FROM outbox');
      return row?.count;
    };
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect([await kept(), calls]).toEqual([ids.length, []]);
    await redisCommand(redis.url, 'CONFIG SET maxmemory 0');
    await until(() => calls.length >= ids.length);
    expect(new Set(calls)).toEqual(new Set(ids));
  });

  it('does not keep a process from starting', async () => {
    await redis.stop();
    const app = await start();
    const id = newId();
    await wakeUp(app, task(id));
    await redis.start();
    const calls: string[] = [];
    app.get(WakeUpHandlers).register('provisioning', 'task', async (called) => void calls.push(called));
    await app.get(WakeUpWorkers).start();
    await until(() => calls.length > 0);
    expect(calls).toEqual([id]);
  });
});

/** One command by the inline protocol. */
async function redisCommand(url: string, command: string): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(`${command}\r\n`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  expect(answer.toString()).toBe('+OK\r\n');
}

describe('a Redis that evicts', () => {
  it('is refused at boot with the setting to change', async () => {
    const redis = await testRedis('allkeys-lru');
    const refusal = await QueueConnection.open({
      databaseUrl: 'postgres://127.0.0.1:1/none',
      redisUrl: redis.url,
    }).catch((error: unknown) => error);
    await redis.stop();
    expect(refusal).toBeInstanceOf(BootError);
    expect((refusal as Error).message).toContain('maxmemory-policy noeviction');
  });
});
