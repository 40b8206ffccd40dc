import { afterEach, describe, expect, it } from '@jest/globals';
import { CpanelWhmClient } from '../src/cpanel-whm.client.js';
import { cannedServer, fixture, type CannedAnswer, type CannedServer } from './canned-server.js';

let server: CannedServer | undefined;
afterEach(() => server?.stop());

async function clientOf(answers: Record<string, CannedAnswer>): Promise<CpanelWhmClient> {
  server = await cannedServer(answers);
  return new CpanelWhmClient(server.config);
}

const metadata = { version: 1, command: 'x', result: 1, reason: 'OK' };
const call = { user: 'demo01', module: 'Email', function: 'add_pop', arguments: { password: 'S3cure-and-l0ng' } };

describe('a call', () => {
  it('that acts is a form, with nothing but the version in the address', async () => {
    const client = await clientOf({ passwd: { body: { metadata, data: {} } } });
    await client.act('passwd', { user: 'demo01', password: 'a&b=c d' });
    expect(server?.requests).toEqual(['POST /json-api/passwd?api.version=1 user=demo01&password=a%26b%3Dc+d']);
  });

  it('that reads is a query', async () => {
    const client = await clientOf({ accountsummary: { body: { metadata } } });
    expect(await client.read('accountsummary', { user: 'demo01' })).toEqual({});
    expect(server?.requests).toEqual(['GET /json-api/accountsummary?api.version=1&user=demo01 ']);
  });
});

describe('an answer of the outer API', () => {
  it.each([['1'], [1]])('is a success with result %j', async (result) => {
    const client = await clientOf({
      version: { body: { metadata: { ...metadata, result }, data: { version: '11' } } },
    });
    expect(await client.read('version')).toEqual({ version: '11' });
  });

  it.each([[{}], [{ data: null }], [{ data: {} }]])('is a refusal with result 0 and %j beside it', async (rest) => {
    const refused = { metadata: { ...metadata, result: '0', reason: 'Account does not exist' }, ...rest };
    const client = await clientOf({ accountsummary: { body: refused } });
    await expect(client.read('accountsummary')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('in the old shape is refused access, with status 403 and with 200', async () => {
    for (const status of [403, 200]) {
      const client = await clientOf({ version: { status, body: fixture('access-denied') } });
      await expect(client.read('version')).rejects.toMatchObject({ code: 'invalid-config' });
      await server?.stop();
    }
  });

  it.each([
    ['[]'],
    ['null'],
    ['"ok"'],
    ['42'],
    ['{}'],
    ['{"metadata":[]}'],
    ['{"metadata":{"reason":"OK"}}'],
    ['{"metadata":{"result":{}}}'],
  ])('of another shape is never taken for success: %s', async (body) => {
    const client = await clientOf({ createacct: { body } });
    await expect(client.act('createacct', {})).rejects.toMatchObject({ code: 'internal' });
  });

  it('that is no JSON leaves it open whether an acting call acted', async () => {
    const client = await clientOf({ createacct: { body: '<html>' }, version: { body: '<html>' } });
    await expect(client.act('createacct', {})).rejects.toMatchObject({ code: 'outcome-unknown' });
    await expect(client.read('version')).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('an answer of UAPI', () => {
  it.each([
    ['plain', { status: 1, data: 'ann+demo.example' }],
    ['nested', { result: { status: '1', data: 'ann+demo.example' } }],
  ])('is read in its %s shape', async (_shape, uapi) => {
    const client = await clientOf({ uapi_cpanel: { body: { metadata, data: { uapi } } } });
    expect(await client.actUapi(call)).toBe('ann+demo.example');
    expect(server?.requests[0]).toContain('cpanel.user=demo01&cpanel.module=Email&cpanel.function=add_pop&password=');
  });

  it('is a refusal when the inner call failed inside an outer success, and quotes no password', async () => {
    const uapi = { status: 0, data: null, errors: ['The password “S3cure-and-l0ng” is too short.', 7] };
    const client = await clientOf({ uapi_cpanel: { body: { metadata, data: { uapi } } } });
    const failure: unknown = await client.actUapi(call).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({
      code: 'invalid-input',
      details: { vendor: { message: 'The password “***” is too short.' } },
    });
  });

  it.each([[{}], [{ uapi: null }], [{ uapi: {} }], [{ uapi: [] }]])(
    'without a status is never success: %j',
    async (data) => {
      const client = await clientOf({ uapi_cpanel: { body: { metadata, data } } });
      await expect(client.actUapi(call)).rejects.toMatchObject({ code: 'internal' });
    },
  );
});
