import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Resolver } from 'node:dns/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { testRedis } from '@keelson/testing/database';
import PostalMime from 'postal-mime';
import { startRealPowerDns } from '../../../plugins/powerdns/test/real-powerdns.js';
import { ImapSession } from '../../../plugins/postfix-dovecot/test/imap-session.js';
import { mailHostDatabase } from '../../../plugins/postfix-dovecot/test/mail-host-database.js';
import { type RealMailHost, startRealMailHost } from '../../../plugins/postfix-dovecot/test/real-mail-host.js';
import { callJson, findJob, followJob, type JobView, openCheckout, pay } from '../src/demo/purchase.js';
import { freePorts, KeelsonProcess } from './keelson-process.js';

jest.setTimeout(300_000);
/** Two of the vendors have a bad day. */
const patienceMs = 240_000;

const order = { planId: 'basic', email: 'alice@customer.test', domain: 'real-purchase.test' };
/** The customer reads mail on the same host, in a mailbox that was there before. */
const customer = { address: order.email, password: 'S3cure-and-l0ng' };
const admin = { email: 'admin@keelson.test', password: 'a long enough password' };

/** Panel and payment page are played, and have a bad day; name server, mail host and queue are the real programs. */
const configuration = `
plugins: [stripe, cpanel-whm, powerdns, smtp, postfix-dovecot]
connections:
  payments:
    plugin: stripe
    settings: { secretKey: '\${SANDBOX_STRIPE_SECRET_KEY}', webhookSecret: '\${SANDBOX_STRIPE_WEBHOOK_SECRET}', apiBase: '\${SANDBOX_STRIPE_API_BASE}' }
  panel:
    plugin: cpanel-whm
    settings: { url: '\${SANDBOX_CPANEL_WHM_URL}', username: '\${SANDBOX_CPANEL_WHM_USERNAME}', apiToken: '\${SANDBOX_CPANEL_WHM_API_TOKEN}' }
  dns: { plugin: powerdns, settings: { url: '\${PDNS_URL}', apiKey: '\${PDNS_KEY}' } }
  mail: { plugin: smtp, settings: { host: 127.0.0.1, port: '\${MAIL_PORT}', security: none } }
  mailboxes: { plugin: postfix-dovecot, settings: { databaseUrl: '\${MAIL_DATABASE_URL}' } }
bindings:
  default: { payment: payments, dns: dns, mail: mail }
  hosting: { mailbox: mailboxes }
servers:
  - { name: srv1, connection: panel, group: default, capacity: 10, nameservers: [ns1.keelson.test, ns2.keelson.test] }
`;

describe('a purchase with a real name server, a real mail host and Redis as the queue', () => {
  const home = mkdtempSync(join(tmpdir(), 'keelson-real-'));
  const stops: (() => Promise<unknown>)[] = [];
  let apiUrl: string;
  let dnsPort: number;
  let mail: RealMailHost;
  let job: JobView;

  beforeAll(async () => {
    const dns = await startRealPowerDns();
    stops.push(() => dns.stop());
    const redis = await testRedis();
    stops.push(() => redis.stop());
    const mailDatabase = await mailHostDatabase();
    stops.push(() => mailDatabase.drop());
    await mailDatabase.addMailbox(customer.address, customer.password);
    mail = await startRealMailHost(mailDatabase.hostUrl);
    stops.push(() => mail.stop());
    ({ dnsPort } = dns);
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
    const sandbox = new KeelsonProcess(['sandbox', 'stripe', 'cpanel-whm'], shared);
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
      MAIL_PORT: String(mail.smtpPort),
      MAIL_DATABASE_URL: mailDatabase.url,
    });
    stops.push(() => end(keelson));
    await keelson.says('Keelson is up');
    apiUrl = shared.APP_URL;

    const { token } = await callJson<{ token: string }>(`${apiUrl}/api/auth/login`, { method: 'POST', body: admin });
    const checkout = await openCheckout(apiUrl, order);
    await pay(checkout.url, '4242424242424242');
    job = await followJob(apiUrl, token, await findJob(apiUrl, checkout.id), patienceMs);
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
    const [raw, ...more] = await inboxOf(customer);
    expect(more).toEqual([]);
    const welcome = await PostalMime.parse(raw ?? '');
    expect(welcome.subject).toContain(order.domain);
    expect(welcome.text).toContain('ns1.keelson.test');
    expect(welcome.text).toMatch(/Temporary password: \S{16}/);
  });

  it('has made the mailbox of the welcome mail, which receives mail and opens with the password in it', async () => {
    const [raw] = await inboxOf(customer);
    const { text = '' } = await PostalMime.parse(raw ?? '');
    const [, address = '', password = ''] = /(admin@\S+)\s+Password:\s+(\S+)/.exec(text) ?? [];
    expect(address).toBe(`admin@${order.domain}`);
    await mail.deliver(address, 'first mail', 'Grüße');
    const [received] = await inboxOf({ address, password });
    expect(await PostalMime.parse(received ?? '')).toMatchObject({ subject: 'first mail', text: 'Grüße\n' });
    const stranger = await ImapSession.open(mail.imapPort);
    expect(await stranger.login(address, `${password}x`)).toBe(false);
    stranger.close();
  });

  /** Raw messages of a mailbox, read over IMAP, once there are any. */
  async function inboxOf({ address, password }: { address: string; password: string }): Promise<string[]> {
    const session = await ImapSession.open(mail.imapPort);
    try {
      if (!(await session.login(address, password))) throw new Error(`${address} cannot log in`);
      for (const deadline = Date.now() + 15_000; ; await sleep(100)) {
        const messages = await session.inbox();
        if (messages.length > 0 || Date.now() > deadline) return messages;
      }
    } finally {
      session.close();
    }
  }
});

async function end(process: KeelsonProcess): Promise<void> {
  process.kill('SIGTERM');
  await process.exited;
}
