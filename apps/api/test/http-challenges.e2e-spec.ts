import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { HttpChallenges } from '@keelson/hosting';
import { newId } from '@keelson/database';
import { startTestApi, type TestApi } from './test-api.js';

jest.setTimeout(60_000);

const folder = '/.well-known/acme-challenge';

let api: TestApi;
let serviceId: string;

beforeAll(async () => {
  api = await startTestApi();
  serviceId = newId();
  const customerId = newId();
  await api.dataSource.query(`INSERT INTO customers (id, name, email) VALUES ($1, 'Ada', 'ada@example.org')`, [
    customerId,
  ]);
  await api.dataSource.query(
    `INSERT INTO services (id, customer_id, product_id, type) SELECT $1, $2, id, 'hosting' FROM products LIMIT 1`,
    [serviceId, customerId],
  );
}, 120_000);
afterAll(() => api?.close());

describe('the proof of a domain', () => {
  const path = `${folder}/LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0`;
  const body = 'LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0.9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI';

  it('is shown to anybody as plain text, byte for byte, while it is needed', async () => {
    const challenges = api.app.get(HttpChallenges);
    await challenges.show(serviceId, [{ type: 'http-01', domain: 'shop.example', path, body }]);
    const response = await fetch(api.url + path);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.text()).toBe(body);
    await challenges.hide(serviceId);
    expect((await api.call('GET', path)).status).toBe(404);
  });

  it.each(['nothing', '..%2f..%2fetc%2fpasswd', '%00', 'a'.repeat(250), "'%20OR%201=1", 'a/b'])(
    'is not found at %s',
    async (token) => {
      const { status, body: problem } = await api.call('GET', `${folder}/${token}`);
      expect([status, problem.status]).toEqual([404, 404]);
    },
  );

  it('cannot be put there over HTTP', async () => {
    for (const method of ['POST', 'PUT', 'DELETE']) expect((await api.call(method, path)).status).toBe(404);
  });
});
