import { describeWakeUps } from './wake-ups.suite.js';

describeWakeUps('Postgres', async () => ({ stop: async () => undefined }));
