import { BootError } from '@keelson/core';
import { Logger } from '@nestjs/common';
import { once } from 'node:events';
import type { Redis } from 'ioredis';

/**
 * Throws `BootError` when this Redis may evict keys when its memory is full: it would lose wake-ups without a word.
 * A Redis that does not answer is no reason not to start, because wake-ups wait in the outbox: it is only logged.
 */
export async function checkEvictionPolicy(redis: Redis): Promise<void> {
  let memory: string;
  try {
    if (redis.status !== 'ready') await once(redis, 'ready', { signal: AbortSignal.timeout(5_000) });
    memory = await redis.info('memory');
  } catch {
    new Logger('Queue').warn('Redis does not answer: wake-ups wait in the outbox until it does. Check REDIS_URL.');
    return;
  }
  const policy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1];
  if (policy && policy !== 'noeviction') {
    throw new BootError([
      `REDIS_URL: this Redis has maxmemory-policy "${policy}" and would drop queued work when its memory is full. Set "maxmemory-policy noeviction" in its configuration.`,
    ]);
  }
}
