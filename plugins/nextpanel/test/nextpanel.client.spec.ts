import { afterEach, describe, expect, it } from '@jest/globals';
import { NextPanelClient } from '../src/nextpanel.client.js';
import { cannedServer, fixture, type CannedServer } from './canned-server.js';

const list = 'GET /api/v1/billing/accounts';
const create = 'POST /api/v1/billing/accounts';
const creation = { username: 'testuser999', email: 'test999@example.com', password: 'S3cret!' };

let server: CannedServer | undefined;
afterEach(() => server?.stop());

async function clientOf(answers: Parameters<typeof cannedServer>[0]): Promise<NextPanelClient> {
  server = await cannedServer(answers);
  return new NextPanelClient(server.config);
}

const account = (id: number) => ({ id, username: `user${id}`, email: `user${id}@customer.example` });
const accounts = (...ids: number[]) => ids.map(account);
const lines = () => server?.requests.map(({ line }) => line);

describe('every request', () => {
  it('carries both halves of the key in its headers, and neither in the address', async () => {
    const client = await clientOf({ [list]: { body: [] } });
    await client.probe();
    expect(server?.requests[0]?.headers).toMatchObject({ 'x-api-key': 'npk_key', 'x-api-secret': 'nps_secret' });
    expect(lines()).toEqual([`${list}?skip=0&limit=100`]);
  });

  it('about one account names it by its id, as text that fits into an address', async () => {
    const path = '/api/v1/billing/accounts';
    const client = await clientOf({
      [`GET ${path}/42`]: { body: account(42) },
      [`POST ${path}/42/suspend`]: { body: {} },
      [`POST ${path}/42/unsuspend`]: { body: {} },
      [`DELETE ${path}/a%2Fb`]: { status: 204 },
    });
    expect(await client.getAccount(42)).toMatchObject({ username: 'user42' });
    await client.suspendAccount(42, 'overdue');
    await client.unsuspendAccount(42);
    await client.deleteAccount('a/b');
    expect(server?.requests.map(({ line, body }) => `${line} ${body}`)).toEqual([
      `GET ${path}/42 `,
      `POST ${path}/42/suspend {"reason":"overdue"}`,
      `POST ${path}/42/unsuspend `,
      `DELETE ${path}/a%2Fb `,
    ]);
  });
});

describe('the list of accounts', () => {
  it.each([
    ['bare', accounts(1, 2)],
    ['in an object', { accounts: accounts(1, 2) }],
    ['in an object of another name', { items: accounts(1, 2), total: 2, page: 1 }],
  ])('is read %s', async (_shape, body) => {
    const client = await clientOf({ [list]: { body } });
    expect((await client.listAccounts()).map(({ id }) => id)).toEqual([1, 2]);
    expect(lines()).toEqual([`${list}?skip=0&limit=100`, `${list}?skip=1&limit=100`]);
  });

  it('is one request long when it is empty', async () => {
    const client = await clientOf({ [list]: { body: [] } });
    expect(await client.listAccounts()).toEqual([]);
    expect(lines()).toHaveLength(1);
  });

  it('is read page by page, each beginning with the last account of the one before', async () => {
    const pages = [accounts(1, 2, 3), accounts(3, 4, 5), accounts(5, 6), accounts(6)].map((body) => ({ body }));
    const client = await clientOf({ [list]: pages });
    expect((await client.listAccounts()).map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(lines()?.map((line) => /skip=(\d+)/.exec(line)?.[1])).toEqual(['0', '2', '4', '5']);
  });

  it('is read again when an account vanishes between two pages', async () => {
    const pages = [accounts(1, 2, 3), accounts(4, 5), accounts(2, 3, 4), accounts(4, 5), accounts(5)];
    const client = await clientOf({ [list]: pages.map((body) => ({ body })) });
    expect((await client.listAccounts()).map(({ id }) => id)).toEqual([2, 3, 4, 5]);
  });

  it('is unavailable when it never stands still', async () => {
    const pages = Array.from({ length: 20 }, (_, n) => ({ body: accounts(2 * n, 2 * n + 1) }));
    const client = await clientOf({ [list]: pages });
    await expect(client.listAccounts()).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('is never taken for whole when the panel says that there is more', async () => {
    const client = await clientOf({ [list]: { body: { accounts: accounts(1, 2), total: 3 } } });
    await expect(client.listAccounts()).rejects.toMatchObject({ code: 'internal' });
  });

  it.each([
    ['null'],
    ['"ok"'],
    ['{}'],
    ['{"accounts":{}}'],
    ['{"accounts":[],"users":[]}'],
    ['[1]'],
    ['[{"id":1}]'],
    ['[{"id":"","username":"a"}]'],
  ])('is never empty because an answer has another shape: %s', async (body) => {
    const client = await clientOf({ [list]: { body } });
    await expect(client.listAccounts()).rejects.toMatchObject({ code: 'internal' });
  });
});

describe('a creation', () => {
  it('is answered with the account', async () => {
    const client = await clientOf({ [create]: { status: 201, body: fixture('created') } });
    expect(await client.createAccount(creation)).toEqual(fixture('created'));
    expect(JSON.parse(server?.requests[0]?.body ?? '')).toEqual(creation);
  });

  it('takes an id for enough of an answer, and nothing less', async () => {
    const client = await clientOf({
      [create]: [
        { status: 201, body: { id: 7 } },
        { status: 201, body: {} },
      ],
    });
    expect(await client.createAccount(creation)).toMatchObject({ id: 7, username: 'testuser999' });
    await expect(client.createAccount(creation)).rejects.toMatchObject({ code: 'internal' });
  });

  it('that is refused tells why without what was sent', async () => {
    const client = await clientOf({ [create]: { status: 422, body: fixture('validation-failed') } });
    await expect(client.createAccount(creation)).rejects.toMatchObject({
      code: 'invalid-input',
      details: {
        vendor: {
          status: 422,
          message: 'password: String should have at least 8 characters; email: Field required',
        },
      },
    });
  });

  it('stays open when the answer is no JSON', async () => {
    const client = await clientOf({ [create]: { status: 201, body: '<html>' } });
    await expect(client.createAccount(creation)).rejects.toMatchObject({ code: 'outcome-unknown' });
  });
});
