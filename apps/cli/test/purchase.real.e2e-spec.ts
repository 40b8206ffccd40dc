import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Resolver } from 'node:dns/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { testRedis } from '@keelson/testing/database';
import PostalMime from 'postal-mime';
import { startRealPowerDns } from '../../../plugins/powerdns/test/real-powerdns.js';
import { startRealMailServer } from '../../../plugins/smtp/test/real-smtp-server.js';
import { callJson, findJob, followJob, type JobView, openCheckout, pay } from '../src/demo/purchase.js';
import { freePorts, KeelsonProcess } from './keelson-process.js';

jest.setTimeout(180_000);

const order = { planId: 'basic', email: 'alice@customer.test', domain: 'real-purchase.test' };
const admin = { email: 'admin@keelson.test', password: 'a long enough password' };

/** Panel and payment page are played; name server, mail server and queue are the real programs. */
const configuration = `
plugins: [stripe, cpanel-whm, powerdns, smtp]
connections:
  payments:
    plugin: stripe
    settings: { secretKey: '\${SANDBOX_STRIPE_SECRET_KEY}', webhookSecret: '\${SANDBOX_STRIPE_WEBHOOK_SECRET}', apiBase: '\${SANDBOX_STRIPE_API_BASE}' }
  panel:
    plugin: cpanel-whm
    settings: { url: '\${SANDBOX_CPANEL_WHM_URL}', username: '\${SANDBOX_CPANEL_WHM_USERNAME}', apiToken: '\${SANDBOX_CPANEL_WHM_API_TOKEN}' }
  dns: { plugin: powerdns, settings: { url: '\${PDNS_URL}', apiKey: '\${PDNS_KEY}' } }
  mail: { plugin: smtp, settings: { host: 127.0.0.1, port: '\${MAIL_PORT}', security: starttls, servername: localhost, caPem: '\${MAIL_CA}' } }
bindings:
  default: { payment: payments, dns: dns, mail: mail }
  hosting: { mailbox: panel }
servers:
  - { name: srv1, connection: panel, group: default, capacity: 10, nameservers: [ns1.keelson.test, ns2.keelson.test] }
`;

describe('a purchase with a real name server, a real mail server and Redis as the queue', () => {
  const home = mkdtempSync(join(tmpdir(), 'keelson-real-'));
  const stops: (() => Promise<unknown>)[] = [];
  let apiUrl: string;
  let dnsPort: number;
  let readMail: (address: string) => Promise<string[]>;
  let job: JobView;

  beforeAll(async () => {
    const [dns, mail, redis] = [
      await startRealPowerDns(),
      await startRealMailServer(['customer.test']),
      await testRedis(),
    ];
    stops.push(
      () => dns.stop(),
      () => mail.stop(),
      () => redis.stop(),
    );
    ({ dnsPort } = dns);
    ({ readMail } = mail);
    const port = await freePorts(20);
    const shared = {
      KEELSON_HOME: home,
      PORT: String(port),
      APP_URL: `http://127.0.0.1:${port}`,
      SANDBOX_PORT: String(port + 1),
      LOG_LEVEL: 'warn',
      REDIS_URL: redis.url,
      ADMIN_EMAIL: admin.email,
      ADMIN_PASSWORD: admin.password,
    };
    const sandbox = new KeelsonProcess(['sandbox'], shared);
    stops.push(() => end(sandbox));
    await sandbox.says('"environment"');
    const { environment } = JSON.parse(sandbox.output.slice(sandbox.output.indexOf('{'))) as {
      environment: Record<string, string>;
    };
    const config = join(home, 'keelson.config.yaml');
    writeFileSync(config, configuration);
    const keelson = new KeelsonProcess(['start'], {
      ...shared,
      ...environment,
      KEELSON_CONFIG: config,
      PDNS_URL: dns.apiUrl,
      PDNS_KEY: dns.apiKey,
      MAIL_PORT: String(mail.port),
      MAIL_CA: mail.caPem,
    });
    stops.push(() => end(keelson));
    await keelson.says('Keelson is up');
    apiUrl = shared.APP_URL;

    const { token } = await callJson<{ token: string }>(`${apiUrl}/api/auth/login`, { method: 'POST', body: admin });
    const checkout = await openCheckout(apiUrl, order);
    await pay(checkout.url, '4242424242424242');
    job = await followJob(apiUrl, token, await findJob(apiUrl, checkout.id));
  });

  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
    rmSync(home, { recursive: true, force: true });
  });

  it('completes every step that has a vendor', () => {
    expect(job.error).toBeUndefined();
    expect(job.status).toBe('completed');
    expect(job.timeline.filter(({ status }) => status === 'completed').map(({ step }) => step)).toEqual([
      'assign_server',
      'create_account',
      'setup_dns',
      'provision_email',
      'create_database',
      'send_welcome_email',
    ]);
  });

  it('has the name server answer for the domain', async () => {
    const resolver = new Resolver({ timeout: 3000, tries: 2 });
    resolver.setServers([`127.0.0.1:${dnsPort}`]);
    expect(await resolver.resolve4(order.domain)).toEqual(['192.0.2.10']);
    expect(await resolver.resolveCname(`www.${order.domain}`)).toEqual([order.domain]);
    expect(await resolver.resolveMx(order.domain)).toEqual([{ priority: 10, exchange: `mail.${order.domain}` }]);
    expect(await resolver.resolveTxt(order.domain)).toEqual([['v=spf1 a mx ~all']]);
    expect((await resolver.resolveNs(order.domain)).toSorted()).toEqual(['ns1.keelson.test', 'ns2.keelson.test']);
  });

  it('has delivered one welcome mail that tells the customer how to get in', async () => {
    const deadline = Date.now() + 15_000;
    let raw: string[] = [];
    while (raw.length === 0 && Date.now() < deadline) raw = await readMail(order.email);
    expect(raw).toHaveLength(1);
    const mail = await PostalMime.parse(raw[0] ?? '');
    expect(mail.subject).toContain(order.domain);
    expect(mail.text).toContain(`admin@${order.domain}`);
    expect(mail.text).toMatch(/Temporary password: \S{16}/);
    expect(mail.text).toContain('ns1.keelson.test');
  });
});

async function end(process: KeelsonProcess): Promise<void> {
  process.kill('SIGTERM');
  await process.exited;
}
