import { afterEach, describe, expect, it } from '@jest/globals';
import { startCannedServer, type CannedServer } from '@keelson/testing/simulator';
import { DirectAdminClient } from '../src/index.js';
import { settingsWith } from './directadmin-adapter.js';

let server: CannedServer | undefined;
afterEach(() => server?.stop());

async function clientOf(answers: Parameters<typeof startCannedServer>[0]): Promise<DirectAdminClient> {
  server = await startCannedServer(answers);
  return new DirectAdminClient(settingsWith({ url: server.url, loginKey: 'key:with=signs' }));
}

/** Who the n-th request came from, and with which key. */
function login(index: number): string {
  const [, encoded = ''] = String(server?.requests[index]?.headers['authorization']).split(' ');
  return Buffer.from(encoded, 'base64').toString();
}

const lines = () => server?.requests.map(({ line, body }) => `${line} ${body}`);

describe('a command', () => {
  it('that reads is a query, asks for JSON, and carries the login key in a header only', async () => {
    const client = await clientOf({ '/CMD_API_USER_EXISTS': { body: { exists: '1' } } });
    expect(await client.read('CMD_API_USER_EXISTS', { user: 'demo' })).toEqual({ exists: '1' });
    expect(lines()).toEqual(['GET /CMD_API_USER_EXISTS?user=demo&json=yes ']);
    expect(login(0)).toBe('admin:key:with=signs');
  });

  it('that acts is a form, and keeps its arguments out of the address', async () => {
    const client = await clientOf({ '/CMD_API_USER_PASSWD': { body: { success: 'Password changed', result: '' } } });
    await client.act('CMD_API_USER_PASSWD', { username: 'demo', passwd: 'a&b=c d', passwd2: 'a&b=c d' });
    expect(lines()).toEqual([
      'POST /CMD_API_USER_PASSWD?json=yes username=demo&passwd=a%26b%3Dc+d&passwd2=a%26b%3Dc+d',
    ]);
  });

  it('in the name of an account is sent as that account, with our key', async () => {
    const client = await clientOf({ '/CMD_API_SSL': { body: { success: 'Saved' } } });
    await client.act('CMD_API_SSL', { domain: 'shop.example' }, 'demo');
    expect(login(0)).toBe('admin|demo:key:with=signs');
  });

  it.each([[200], [500]])('is refused by an error in the body, under status %i', async (status) => {
    const body = { error: 'Cannot Create Account', result: 'That domain already exists' };
    const client = await clientOf({ '/CMD_API_ACCOUNT_USER': { status, body } });
    await expect(client.act('CMD_API_ACCOUNT_USER', {})).rejects.toMatchObject({
      code: 'already-exists',
      details: { vendor: { status, message: 'Cannot Create Account That domain already exists' } },
    });
  });

  it.each([
    ['yes', 'outcome-unknown'],
    ['', 'outcome-unknown'],
    ['{"success":', 'outcome-unknown'],
  ])('that acts has an unknown outcome when it answers %j', async (body, code) => {
    const client = await clientOf({ '/CMD_API_SELECT_USERS': { body } });
    await expect(client.act('CMD_API_SELECT_USERS', {})).rejects.toMatchObject({ code });
  });

  it('that reads fails as unavailable when its answer is cut off', async () => {
    const client = await clientOf({ '/CMD_API_PACKAGES_USER': { body: '["starter","bas' } });
    await expect(client.read('CMD_API_PACKAGES_USER')).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('a route below /api', () => {
  it('is JSON in the name of the account, and may answer with nothing', async () => {
    const client = await clientOf({ '/api/db-manage/users/demo_shop/change-password': {} });
    const route = 'db-manage/users/demo_shop/change-password';
    expect(await client.as('demo', 'POST', route, { newPassword: 'S3cret' })).toBeUndefined();
    expect(lines()).toEqual([`POST /api/${route} {"newPassword":"S3cret"}`]);
    expect(login(0)).toBe('admin|demo:key:with=signs');
  });

  it('is refused by its type', async () => {
    const client = await clientOf({
      '/api/db-manage/create-db-with-user': { status: 490, body: { type: 'ALREADY_EXISTS' } },
    });
    const refused = client.as('demo', 'POST', 'db-manage/create-db-with-user', {});
    await expect(refused).rejects.toMatchObject({ code: 'already-exists', details: { vendor: { status: 490 } } });
  });
});
