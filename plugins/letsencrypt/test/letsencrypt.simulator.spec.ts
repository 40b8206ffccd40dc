import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { isPortError, type VendorDetails } from '@keelson/core';
import { certificateRequest, newPrivateKey } from '../src/certificate-keys.js';
import { AcmeOrders } from '../src/acme-orders.js';
import { startSimulator, type LetsEncryptSimulator, type LetsEncryptSimulatorOptions } from '../simulator/index.js';
import { accountOf, adapterWith, KeptState } from './acme-environment.js';

const simulators: LetsEncryptSimulator[] = [];

afterEach(async () => {
  await Promise.all(simulators.splice(0).map((simulator) => simulator.stop()));
});

async function start(options: LetsEncryptSimulatorOptions = {}) {
  const simulator = await startSimulator(options);
  simulators.push(simulator);
  const { client, account } = accountOf(simulator.settings, new KeptState());
  const base = String(simulator.settings['directoryUrl']).replace('/directory', '');
  const order = (names: string[], extra: object = {}) =>
    account.request({
      url: `${base}/acme/new-order`,
      payload: { identifiers: names.map((value) => ({ type: 'dns', value })), ...extra },
    });
  return { simulator, client, account, base, order, orders: new AcmeOrders(client, account) };
}

/** What the authority says to a request that it refuses. */
async function refusalOf(request: Promise<unknown>): Promise<VendorDetails | undefined> {
  try {
    await request;
  } catch (thrown) {
    if (isPortError(thrown)) return thrown.details.vendor;
    throw thrown;
  }
  throw new Error('the request was not refused');
}

describe('the simulated authority', () => {
  it('refuses what is not signed', async () => {
    const { base } = await start();
    const post = (type: string, body: string) =>
      fetch(`${base}/acme/new-acct`, { method: 'POST', headers: { 'content-type': type }, body });
    expect((await post('application/jose+json', '{}')).status).toBe(400);
    expect((await post('application/json', '{}')).status).toBe(415);
    const answer = await post('application/jose+json', 'not JSON');
    expect([answer.status, await answer.json()]).toEqual([
      400,
      expect.objectContaining({ type: 'urn:ietf:params:acme:error:malformed' }),
    ]);
    expect(answer.headers.get('replay-nonce')).toMatch(/^[\w-]{20,}$/);
  });

  it('refuses one nonce in twenty by itself, the same ones for the same seed', async () => {
    const rejections = async (seed: number) => {
      const { simulator, account } = await start({ seed });
      for (let n = 0; n < 80; n += 1) await account.check();
      return simulator.ledger.entries().map(({ outcome }) => outcome);
    };
    const first = await rejections(7);
    expect(first).toEqual(await rejections(7));
    const refused = first.filter((outcome) => outcome === '400').length;
    expect(refused).toBeGreaterThan(0);
    expect(refused).toBeLessThan(20);
  });

  it('refuses names that no certificate can have, and names that a wildcard covers', async () => {
    const { order } = await start();
    expect(await refusalOf(order(['co.uk']))).toMatchObject({ status: 400, code: 'rejectedIdentifier' });
    expect(await refusalOf(order(['www.example.com', '*.example.com']))).toMatchObject({ code: 'malformed' });
    expect(await refusalOf(order(['example.com'], { profile: 'odd' }))).toMatchObject({ code: 'invalidProfile' });
  });

  it('offers DNS alone for wildcards, and looks at nothing by itself', async () => {
    const { order, orders } = await start();
    const placed = (await order(['example.com', '*.example.com'])).json() as { authorizations: string[] };
    const offers = await Promise.all(placed.authorizations.map((url) => orders.readAuthorization(url)));
    expect(offers.map(({ domain, challenges }) => [domain, challenges.map(({ type }) => type)])).toEqual([
      ['example.com', ['http-01', 'dns-01', 'tls-alpn-01']],
      ['example.com', ['dns-01']],
    ]);
  });

  it('finishes an order only when it is ready, and only for its names', async () => {
    const { simulator, order, orders } = await start();
    const { headers } = await order(['example.com']);
    const placed = await orders.read(headers['location'] ?? '');
    const key = await newPrivateKey('ec-256');
    const csr = await certificateRequest(key, ['example.com']);
    expect(await refusalOf(orders.finalize(placed, csr))).toMatchObject({ status: 403, code: 'orderNotReady' });
    const { challenges } = await orders.readAuthorization(placed.authorizations[0] ?? '');
    await orders.look(challenges[0]?.url ?? '');
    await simulator.settled();
    const other = await certificateRequest(key, ['example.org']);
    expect(await refusalOf(orders.finalize(placed, other))).toMatchObject({ code: 'unauthorized' });
    expect(await refusalOf(orders.finalize(placed, 'AAAA'))).toMatchObject({ code: 'malformed' });
    expect(await orders.finalize(placed, csr)).toMatchObject({ status: 'processing', retryAfter: '1' });
    await simulator.settled();
    expect(await orders.read(headers['location'] ?? '')).toMatchObject({ status: 'valid' });
  });

  it('hands out an open order again instead of a second one', async () => {
    const { order, simulator } = await start();
    const [first, second] = [await order(['a.example', 'b.example']), await order(['b.example', 'a.example'])];
    expect(second.headers['location']).toBe(first.headers['location']);
    expect(Object.keys(simulator.state.orders)).toHaveLength(1);
  });

  it("shows nobody somebody else's order", async () => {
    const { order, simulator } = await start();
    const url = (await order(['example.com'])).headers['location'] ?? '';
    const stranger = accountOf(simulator.settings, new KeptState());
    expect(await refusalOf(stranger.account.request({ url }))).toMatchObject({ status: 404 });
  });

  it('refuses the order that its published limits do not allow, with the time to wait', async () => {
    const { order, simulator } = await start({ nonceRejects: 0 });
    for (let n = 0; n < 300; n += 1) await order([`site${n}.example`]);
    const refused = order(['one-more.example']);
    await expect(refused).rejects.toMatchObject({ code: 'rate-limited', retryAfterMs: expect.any(Number) });
    expect(Object.keys(simulator.state.orders)).toHaveLength(300);
  });

  it('remembers accounts, orders and keys over a restart, and finishes what it had begun', async () => {
    const home = mkdtempSync(join(tmpdir(), 'keelson-acme-'));
    try {
      const state = new KeptState();
      const before = await startSimulator({ home, port: 0 });
      const port = Number(new URL(String(before.settings['directoryUrl'])).port);
      const spec = { reference: 'cert_1', domains: ['site.example'], method: 'http-01' as const };
      await adapterWith(before.settings, state).startCertificate(spec);
      await before.stop();
      const { simulator } = await start({ home, port });
      expect(simulator.rootPem).toBe(before.rootPem);
      const ssl = adapterWith(simulator.settings, state);
      for (let n = 0; n < 3; n += 1) {
        await ssl.checkCertificate('cert_1');
        await simulator.settled();
      }
      expect(await ssl.checkCertificate('cert_1')).toMatchObject({ state: 'issued' });
      expect(Object.keys(simulator.state.accounts)).toHaveLength(1);
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  });

  it('serves its root to whoever wants to trust it', async () => {
    const { base, simulator } = await start();
    expect(await (await fetch(`${base}/root.pem`)).text()).toBe(simulator.rootPem);
  });
});
