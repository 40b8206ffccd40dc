import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Alerts } from '@keelson/notifications';
import { startTestApi, type TestApi } from './test-api.js';

jest.setTimeout(60_000);

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ PUBLIC_RATE_LIMIT: '1000' });
}, 120_000);
afterAll(() => api?.close());

describe('alerts over REST', () => {
  it('are listed while they are so, acknowledged once, and kept when they are over', async () => {
    await api.dataSource.query(
      `WITH panel AS (
         INSERT INTO connections (id, name, plugin, settings, secrets, source)
         VALUES (gen_random_uuid(), 'panel of web9', 'memory', '{}', '', 'admin') RETURNING id
       )
       INSERT INTO servers (id, name, connection_id, capacity, used) SELECT gen_random_uuid(), 'web9', id, 10, 10 FROM panel`,
    );
    await api.app.get(Alerts, { strict: false }).look();
    const { status, body } = await api.admin('GET', '/api/alerts?kind=server.full');
    expect(status).toBe(200);
    expect(body.total).toBeGreaterThan(0);
    const [alert] = body.data;
    expect(alert).toMatchObject({ kind: 'server.full', severity: 'critical', status: 'open', acknowledgedBy: null });
    const answer = await api.admin('POST', `/api/alerts/${alert.id}/acknowledge`);
    expect(answer.body.data.acknowledgedBy).toEqual(expect.any(String));
    await api.dataSource.query('UPDATE servers SET used = 0');
    await api.app.get(Alerts, { strict: false }).look();
    expect((await api.admin('GET', '/api/alerts?kind=server.full')).body.total).toBe(0);
    const kept = (await api.admin('GET', '/api/alerts?status=resolved')).body.data;
    expect(kept.map(({ id }: { id: string }) => id)).toContain(alert.id);
  });

  it.each(['status=gone', 'kind=../x', 'limit=0', 'surprise=1'])('refuse %s', async (query) => {
    expect((await api.admin('GET', `/api/alerts?${query}`)).status).toBe(400);
  });

  it('are for operators, and only those that exist', async () => {
    expect((await api.call('GET', '/api/alerts')).status).toBe(401);
    const unknown = '/api/alerts/alert_01h455vb4pex5vsknk084sn02q/acknowledge';
    expect((await api.admin('POST', unknown)).status).toBe(404);
  });
});
