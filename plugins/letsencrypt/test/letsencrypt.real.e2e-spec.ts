import { once } from 'node:events';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { systemClock, type CertificateSpec, type CertificateState, type IssuedCertificate } from '@keelson/core';
import { describeSslAdapter } from '@keelson/testing';
import { accountOf, adapterWith, capabilities, closedAccount, KeptState } from './acme-environment.js';
import { startRealPebble, type RealPebble } from './real-pebble.js';

let pebble: RealPebble;
let environments = 0;

beforeAll(async () => {
  pebble = await startRealPebble();
}, 60_000);

afterAll(() => pebble?.stop());

const settings = () => ({ directoryUrl: pebble.directoryUrl, caPem: pebble.caPem });
/** Pebble needs milliseconds where the adapter expects seconds. */
const soon = () => sleep(100);

describeSslAdapter('letsencrypt, Pebble', capabilities, async () => {
  environments += 1;
  const state = new KeptState();
  const closed = await closedAccount(settings());
  await adapterWith(settings(), state).testConnection();
  return {
    adapter: adapterWith(settings(), state),
    another: () => adapterWith(settings(), state),
    withWrongCredentials: adapterWith(settings(), closed),
    capabilities,
    domain: `case${environments}.example`,
    rootPem: pebble.rootPem,
    // Pebble 2.4 has no renewal information.
    tellsRenewal: false,
    publish: (challenges) => pebble.publish(challenges),
    wait: soon,
    countOrders: () => countOrders(state),
    secrets: [closed.accountSecret(), state.accountSecret()],
    stop: async () => undefined,
  };
});

describe('a certificate of Pebble', () => {
  it.each([
    ['over HTTP', { domains: ['tls-http.example', 'www.tls-http.example'], method: 'http-01' }],
    ['through DNS', { domains: ['tls-dns.example', 'www.tls-dns.example'], method: 'dns-01' }],
    ['as a wildcard', { domains: ['tls-all.example', 'www.tls-all.example', '*.tls-all.example'], method: 'dns-01' }],
  ] as const)('that is proven %s serves a site that a client trusts', async (_how, { domains, method }) => {
    const issued = await obtain({ reference: domains[0], domains: [...domains], method });
    const site = createServer(
      { key: issued.privateKeyPem, cert: issued.certificatePem + issued.chainPem },
      (_request, response) => response.end('served'),
    );
    site.listen(0, '127.0.0.1');
    await once(site, 'listening');
    try {
      const { port } = site.address() as AddressInfo;
      for (const name of domains) {
        const host = name.replace('*', 'anything');
        expect([host, await fetchFrom(port, host, pebble.rootPem)]).toEqual([host, 'served']);
      }
      await expect(fetchFrom(port, 'somebody-else.example', pebble.rootPem)).rejects.toMatchObject({
        code: 'ERR_TLS_CERT_ALTNAME_INVALID',
      });
      await expect(fetchFrom(port, domains[0], pebble.caPem)).rejects.toMatchObject({
        code: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      });
    } finally {
      site.close();
      site.closeAllConnections();
    }
  });

  it('comes with RSA keys where these are asked for', async () => {
    const spec = { reference: 'rsa', domains: ['rsa.example'], method: 'http-01' as const };
    const { privateKeyPem } = await obtain(spec, { keyType: 'rsa-2048' });
    expect(privateKeyPem.length).toBeGreaterThan(1500);
  });

  it('follows the one before, and is revoked with the reason when the site is no more', async () => {
    const spec = { domains: ['ends.example', 'www.ends.example'], method: 'http-01' as const };
    const state = new KeptState();
    const first = await obtain({ ...spec, reference: 'ends1' }, {}, state);
    const second = await obtain({ ...spec, reference: 'ends2', replaces: first.certificatePem }, {}, state);
    expect(second.serial).not.toBe(first.serial);
    expect(await pebble.statusOf(first.serial)).toMatchObject({ Status: 'Valid' });
    const ssl = adapterWith(settings(), state);
    await ssl.revokeCertificate(second.certificatePem, 'cessation-of-operation');
    await ssl.revokeCertificate(second.certificatePem, 'cessation-of-operation');
    expect(await pebble.statusOf(second.serial)).toMatchObject({ Status: 'Revoked', Reason: 5 });
    expect(await pebble.statusOf(first.serial)).toMatchObject({ Status: 'Valid' });
  });

  it('makes the authority look once, however often it is asked for', async () => {
    const ssl = adapterWith(settings());
    const spec = { reference: 'looks', domains: ['looks.example'], method: 'http-01' as const };
    const started = await ssl.startCertificate(spec);
    if (started.state === 'pending') await pebble.publish(started.challenges);
    await Promise.all([1, 2, 3].map(() => ssl.startCertificate(spec)));
    expect(await pebble.countHttpRequests('looks.example')).toBe(0);
    await ssl.checkCertificate('looks');
    await soon();
    const requests = await pebble.countHttpRequests('looks.example');
    expect(requests).toBeGreaterThan(0);
    for (let n = 0; n < 5; n += 1) await ssl.checkCertificate('looks');
    expect(await pebble.countHttpRequests('looks.example')).toBe(requests);
  });
});

describe('a connection to Pebble', () => {
  it('is refused as invalid-config when the authority does not offer the profile', async () => {
    const ssl = adapterWith({ ...settings(), profile: 'shortlived' });
    await expect(ssl.testConnection()).rejects.toMatchObject({ code: 'invalid-config' });
  });

  it('is refused as invalid-config without its authority, and at an address that is no directory', async () => {
    const { directoryUrl } = settings();
    await expect(adapterWith({ directoryUrl }).testConnection()).rejects.toMatchObject({ code: 'invalid-config' });
    const elsewhere = adapterWith({ ...settings(), directoryUrl: directoryUrl.replace('/dir', '/nothing-here') });
    await expect(elsewhere.testConnection()).rejects.toMatchObject({
      code: expect.stringMatching(/invalid-config|not-found/),
    });
  });

  it('registers its account again when the authority has forgotten it', async () => {
    const state = new KeptState();
    await adapterWith(settings(), state).testConnection();
    const [name = ''] = [...state.values.keys()].filter((key) => key.endsWith(':account-url'));
    await state.put(name, `${state.values.get(name)}-forgotten`);
    const ssl = adapterWith(settings(), state);
    await expect(ssl.testConnection()).rejects.toMatchObject({ code: 'unavailable' });
    await ssl.testConnection();
  });
});

async function obtain(
  spec: CertificateSpec,
  extra: object = {},
  kept: KeptState = new KeptState(),
): Promise<IssuedCertificate> {
  const ssl = adapterWith({ ...settings(), ...extra }, kept, systemClock);
  let state: CertificateState = await ssl.startCertificate(spec);
  if (state.state === 'pending') await pebble.publish(state.challenges);
  for (let check = 0; state.state === 'pending' && check < 50; check += 1) {
    state = await ssl.checkCertificate(spec.reference);
    if (state.state === 'pending') await soon();
  }
  if (state.state === 'issued') return state.certificate;
  throw new Error(`no certificate: ${JSON.stringify(state)}`);
}

/** The body that the site on this port answers with, for a client that trusts only this root. */
function fetchFrom(port: number, host: string, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, servername: host, headers: { host }, ca, agent: false };
    request(options, (response) => {
      response.setEncoding('utf8').once('data', resolve);
    })
      .once('error', reject)
      .end();
  });
}

/** RFC 8555 §7.1.2.1: the account's list of orders, in pages. */
async function countOrders(state: KeptState): Promise<number> {
  const url = state.find('account-url');
  if (url === undefined) return 0;
  const { account } = accountOf(settings(), state);
  let { orders: next } = (await account.request({ url })).json() as { orders?: string };
  let count = 0;
  while (next !== undefined) {
    const page = await account.request({ url: next });
    count += (page.json() as { orders: unknown[] }).orders.length;
    next = /<([^>]+)>;\s*rel="next"/.exec(page.headers['link'] ?? '')?.[1];
  }
  return count;
}
