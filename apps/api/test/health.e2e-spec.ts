import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { HealthService } from '../src/health/health.service.js';
import { startTestApi, type TestApi } from './test-api.js';

jest.setTimeout(60_000);

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
}, 120_000);
afterAll(() => api?.close());

describe('health', () => {
  it('is not ready while a migration is missing, and names it', async () => {
    const [last] = await api.dataSource.query<{ name: string }[]>(
      'SELECT name FROM migrations ORDER BY id DESC LIMIT 1',
    );
    await api.dataSource.query('UPDATE migrations SET name = $1 WHERE name = $2', ['Away', last?.name]);
    const { status, body } = await api.call('GET', '/api/health');
    await api.dataSource.query('UPDATE migrations SET name = $1 WHERE name = $2', [last?.name, 'Away']);
    expect(status).toBe(503);
    expect(body).toMatchObject({
      code: 'not-ready',
      detail: 'Not ready: migrations.',
      failing: ['migrations'],
      checks: { database: 'ok', migrations: 'failing', queue: 'ok' },
      success: false,
    });
    expect((await api.call('GET', '/api/health')).status).toBe(200);
  });

  it('names the database while it can only be read', async () => {
    const [{ name } = { name: '' }] = await api.dataSource.query<{ name: string }[]>(
      'SELECT current_database() AS name',
    );
    const cut = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'keelson api'`;
    const shown = async () => {
      await api.dataSource.query(cut);
      await api.call('GET', '/api/health');
      const { status, body } = await api.call('GET', '/api/health');
      return [status, body.failing];
    };
    await api.dataSource.query(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
    const readOnly = await shown();
    await api.dataSource.query(`ALTER DATABASE ${name} RESET default_transaction_read_only`);
    expect(readOnly).toEqual([503, ['database']]);
    expect(await shown()).toEqual([200, undefined]);
  });

  it('names the queue when it does not answer', async () => {
    await api.dataSource.query('ALTER SCHEMA bullmq RENAME TO bullmq_away');
    const { status, body } = await api.call('GET', '/health');
    await api.dataSource.query('ALTER SCHEMA bullmq_away RENAME TO bullmq');
    expect([status, body.failing]).toEqual([503, ['queue']]);
    expect(await api.app.get(HealthService).check()).toEqual({ database: true, migrations: true, queue: true });
  });

  it('refuses new requests with 503 while it stops', async () => {
    const closing = api.app.close();
    const answer = await api.call('GET', '/api/health').catch(() => undefined);
    expect(answer === undefined || answer.status === 503).toBe(true);
    await closing;
    await expect(api.call('GET', '/api/health')).rejects.toThrow();
  });
});
