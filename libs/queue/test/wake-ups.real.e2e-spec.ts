import { testRedis } from '@keelson/testing/database';
import { describeWakeUps } from './wake-ups.suite.js';

describeWakeUps('Redis', async () => {
  const redis = await testRedis();
  return { redisUrl: redis.url, stop: redis.stop };
});
