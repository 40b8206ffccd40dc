import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Keyring } from '@keelson/core';
import { testDatabase } from '@keelson/testing/database';
import { DataSource } from 'typeorm';
import { startRealPebble, type RealPebble } from '../../../plugins/letsencrypt/test/real-pebble.js';
import { startRealPowerDns, type RealPowerDns } from '../../../plugins/powerdns/test/real-powerdns.js';
import { callJson, findJob, followJob, openCheckout, pay } from '../src/demo/purchase.js';
import { freePorts, KeelsonProcess } from './keelson-process.js';

jest.setTimeout(240_000);

const admin = { email: 'admin@keelson.test', password: 'a long enough password' };
const encryptionKey = '5c'.repeat(32);

/** Hosting has its zones with us; the domains of WordPress plans stay with their own name servers. */
const configuration = `
plugins: [stripe, cpanel-whm, powerdns, smtp, letsencrypt]
connections:
  payments:
    plugin: stripe
    settings: { secretKey: '\${SANDBOX_STRIPE_SECRET_KEY}', webhookSecret: '\${SANDBOX_STRIPE_WEBHOOK_SECRET}', apiBase: '\${SANDBOX_STRIPE_API_BASE}' }
  panel:
    plugin: cpanel-whm
    settings: { url: '\${SANDBOX_CPANEL_WHM_URL}', username: '\${SANDBOX_CPANEL_WHM_USERNAME}', apiToken: '\${SANDBOX_CPANEL_WHM_API_TOKEN}' }
  mail: { plugin: smtp, settings: { host: '\${SANDBOX_SMTP_HOST}', port: '\${SANDBOX_SMTP_PORT}', security: '\${SANDBOX_SMTP_SECURITY}' } }
  dns: { plugin: powerdns, settings: { url: '\${PDNS_URL}', apiKey: '\${PDNS_KEY}' } }
  authority:
    plugin: letsencrypt
    settings: { directoryUrl: '\${PEBBLE_URL}', caPem: '\${PEBBLE_CA}', email: hostmaster@keelson.test, termsAgreed: true }
bindings:
  default: { payment: payments, mail: mail, ssl: authority }
  hosting: { dns: dns }
servers:
  - { name: srv1, connection: panel, group: default, capacity: 10, nameservers: [ns1.keelson.test] }
`;

interface CertificateRow {
  id: string;
  service_id: string;
  status: string;
  method: string;
  domains: string[];
  replaces: string | null;
  certificate_pem: string;
  chain_pem: string;
  private_key: string;
  serial: string;
}

describe('certificates of a real authority, with a real name server', () => {
  const home = mkdtempSync(join(tmpdir(), 'keelson-certificates-'));
  const stops: (() => Promise<unknown>)[] = [];
  let dns: RealPowerDns;
  let pebble: RealPebble;
  let database: DataSource;
  let environment: Record<string, string>;
  let apiUrl: string;
  let worker: KeelsonProcess;

  beforeAll(async () => {
    const store = await testDatabase();
    stops.push(() => store.drop());
    database = await new DataSource({ type: 'postgres', url: store.url }).initialize();
    stops.push(() => database.destroy());
    const port = await freePorts(20);
    dns = await startRealPowerDns();
    stops.push(() => dns.stop());
    await zone('keelson.test', [
      { name: 'ns1.keelson.test.', type: 'A', ttl: 60, records: [{ content: '127.0.0.1' }] },
    ]);
    // A customer's domain elsewhere, which leads to us; its www leads nowhere.
    await zone('elsewhere.example', [
      { name: 'elsewhere.example.', type: 'A', ttl: 60, records: [{ content: '127.0.0.1' }] },
    ]);
    pebble = await startRealPebble({ httpPort: port, nameServer: `127.0.0.1:${dns.dnsPort}` });
    stops.push(() => pebble.stop());
    const shared = {
      KEELSON_HOME: home,
      PORT: String(port),
      APP_URL: `http://127.0.0.1:${port}`,
      SANDBOX_PORT: String(port + 1),
      LOG_LEVEL: 'warn',
      ADMIN_EMAIL: admin.email,
      ADMIN_PASSWORD: admin.password,
    };
    const sandbox = new KeelsonProcess(['sandbox'], shared);
    stops.push(() => end(sandbox, 'SIGTERM'));
    await sandbox.says('"environment"');
    const played = JSON.parse(sandbox.output.slice(sandbox.output.indexOf('{'))) as {
      environment: Record<string, string>;
    };
    const config = join(home, 'keelson.config.yaml');
    writeFileSync(config, configuration);
    environment = {
      ...shared,
      ...played.environment,
      KEELSON_CONFIG: config,
      DATABASE_URL: store.url,
      ENCRYPTION_KEY: encryptionKey,
      PDNS_URL: dns.apiUrl,
      PDNS_KEY: dns.apiKey,
      PEBBLE_URL: pebble.directoryUrl,
      PEBBLE_CA: pebble.caPem,
      DNS_RESOLVERS: `127.0.0.1:${dns.dnsPort}`,
      HTTP_CHALLENGE_PORT: String(port),
      HTTP_CHALLENGE_PRIVATE: 'true',
    };
    apiUrl = shared.APP_URL;
    expect((await new KeelsonProcess(['setup'], environment).exited).code).toBe(0);
    const api = new KeelsonProcess(['api'], environment);
    stops.push(() => end(api, 'SIGTERM'));
    await until(() => fetch(`${apiUrl}/api/health`).then(({ ok }) => ok || undefined));
    worker = new KeelsonProcess(['worker'], environment);
    stops.push(() => end(worker, 'SIGTERM'));
  });

  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
    rmSync(home, { recursive: true, force: true });
  });

  async function zone(name: string, sets: object[]): Promise<void> {
    const answer = await fetch(`${dns.apiUrl}/api/v1/servers/localhost/zones`, {
      method: 'POST',
      headers: { 'x-api-key': dns.apiKey, 'content-type': 'application/json' },
      body: JSON.stringify({ name: `${name}.`, kind: 'Native', nameservers: [`ns1.${name}.`], rrsets: sets }),
    });
    if (answer.status !== 201) throw new Error(`no zone ${name}: ${await answer.text()}`);
  }

  async function buy(planId: string, domain: string): Promise<{ token: string; jobId: string }> {
    const { token } = await callJson<{ token: string }>(`${apiUrl}/api/auth/login`, { method: 'POST', body: admin });
    const checkout = await openCheckout(apiUrl, { planId, email: 'alice@customer.test', domain });
    await pay(checkout.url, '4242424242424242');
    return { token, jobId: await findJob(apiUrl, checkout.id) };
  }

  const certificatesOf = (domain: string) =>
    database.query<CertificateRow[]>('SELECT * FROM certificates WHERE domains[1] = $1 ORDER BY created_at', [domain]);

  /** The newest certificate of the domain, once the site is to answer with it. */
  const installed = (domain: string, count: number) =>
    until(async () => {
      const rows = await certificatesOf(domain);
      return rows.length === count && rows.at(-1)?.status === 'installed' ? rows : undefined;
    });

  it('are proven through DNS, whichever worker dies meanwhile, with one order', async () => {
    const domain = 'certified.example';
    const { token, jobId } = await buy('basic', domain);
    await until(async () => ((await certificatesOf(domain)).length > 0 ? true : undefined));
    await end(worker, 'SIGKILL');
    worker = new KeelsonProcess(['worker'], environment);
    const job = await followJob(apiUrl, token, jobId);
    expect([job.status, job.error]).toEqual(['completed', undefined]);
    const [certificate, ...others] = await installed(domain, 1);
    expect(others).toEqual([]);
    expect(certificate).toMatchObject({ method: 'dns-01', domains: [domain, `www.${domain}`] });
    await expectServed(certificate, [domain, `www.${domain}`]);
  });

  it('are proven over HTTP by the API where the domain has its name servers elsewhere, for the names that lead to us', async () => {
    const domain = 'elsewhere.example';
    const { token, jobId } = await buy('wordpress', domain);
    expect(await followJob(apiUrl, token, jobId)).toMatchObject({ status: 'completed' });
    const [certificate] = await installed(domain, 1);
    expect(certificate).toMatchObject({ method: 'http-01', domains: [domain] });
    await expectServed(certificate, [domain]);
    expect(await database.query('SELECT * FROM http_challenges')).toEqual([]);
  });

  it('are renewed by schedule when they are due, both ways, and the ones before stay valid', async () => {
    const before = [...(await certificatesOf('certified.example')), ...(await certificatesOf('elsewhere.example'))];
    // The day has come.
    await database.query('UPDATE certificate_renewals SET due_at = now(), ask_at = NULL');
    for (const { domains, id, serial } of before) {
      const rows = await installed(domains[0] ?? '', 2);
      expect(rows).toMatchObject([{ id, status: 'replaced' }, { replaces: id }]);
      expect(rows[1]?.serial).not.toBe(serial);
      await expectServed(rows[1], domains);
      expect(await pebble.statusOf(serial)).toMatchObject({ Status: 'Valid' });
    }
    const [schedule] = await until(async () => {
      const rows = await database.query<{ due_at: Date; attempts: number }[]>(
        'SELECT due_at, attempts FROM certificate_renewals WHERE attempts = 0',
      );
      return rows.length === 2 ? rows : undefined;
    });
    expect(schedule?.due_at.getTime()).toBeGreaterThan(Date.now() + 50 * 86_400_000);
  });

  /** Fails unless a TLS site that answers with the certificate is trusted under all the names by a client that knows the root. */
  async function expectServed(row: CertificateRow | undefined, names: readonly string[]): Promise<void> {
    if (row === undefined) throw new Error('there is no certificate');
    const place = { table: 'certificates', column: 'private_key', id: row.id };
    const key = Keyring.fromText(encryptionKey).decrypt(row.private_key, place);
    const site = createServer({ key, cert: row.certificate_pem + row.chain_pem }, (_, response) =>
      response.end('served'),
    );
    site.listen(0, '127.0.0.1');
    await once(site, 'listening');
    try {
      const { port } = site.address() as AddressInfo;
      for (const name of names) expect([name, await get(port, name, pebble.rootPem)]).toEqual([name, row.serial]);
      await expect(get(port, 'stranger.example', pebble.rootPem)).rejects.toMatchObject({
        code: 'ERR_TLS_CERT_ALTNAME_INVALID',
      });
    } finally {
      site.close();
      site.closeAllConnections();
    }
  }
});

/** Serial number of the certificate that the site shows to a client that trusts only this root. Rejects when it is not trusted. */
function get(port: number, host: string, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, servername: host, headers: { host }, ca, agent: false };
    const asked = request(options, (response) => {
      const { raw } = (response.socket as import('node:tls').TLSSocket).getPeerCertificate();
      response.resume().once('end', () => resolve(new X509Certificate(raw).serialNumber.toLowerCase()));
    });
    asked.once('error', reject).end();
  });
}

async function until<T>(look: () => Promise<T | undefined>, timeoutMs = 120_000): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const found = await look().catch(() => undefined);
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`it did not happen within ${timeoutMs / 1000} s`);
    await sleep(50);
  }
}

async function end(process: KeelsonProcess, signal: NodeJS.Signals): Promise<void> {
  process.kill(signal);
  await process.exited;
}
