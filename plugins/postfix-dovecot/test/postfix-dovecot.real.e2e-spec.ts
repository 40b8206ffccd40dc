import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PostfixDovecotAdapter, PostfixDovecotConfig } from '../src/index.js';
import { ImapSession } from './imap-session.js';
import { mailHostDatabase, type MailHostDatabase } from './mail-host-database.js';
import { startRealMailHost, type RealMailHost } from './real-mail-host.js';

const domain = 'bee.example';
const admin = `admin@${domain}`;
const password = 'S3cure&=+%"pa ss-Wörd {9}\\';
const shipped = (name: string) => new URL(`../src/mail-host/${name}`, import.meta.url);

let database: MailHostDatabase;
let host: RealMailHost;

const sql = <Row extends object>(text: string) => database.sql<Row>(text);
const deliver = (to: string, subject: string, text?: string) => host.deliver(to, subject, text);

function mailboxes(): PostfixDovecotAdapter {
  return new PostfixDovecotAdapter(Object.assign(new PostfixDovecotConfig(), { databaseUrl: database.url }));
}

/** Waits until something holds that Dovecot does soon after a delivery. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await holds()) return;
    await sleep(50);
  }
  throw new Error('it did not come true within 10 s');
}

async function accepts(address: string, word: string): Promise<boolean> {
  const session = await ImapSession.open(host.imapPort);
  try {
    return await session.login(address, word);
  } finally {
    session.close();
  }
}

/** Subjects in the inbox of a mailbox, once there are that many. */
async function subjects(address: string, count: number, word = password): Promise<string[]> {
  const session = await ImapSession.open(host.imapPort);
  try {
    expect(await session.login(address, word)).toBe(true);
    let messages = await session.inbox();
    if (messages.length < count) await until(async () => (messages = await session.inbox()).length >= count);
    return messages.map((raw) => /^Subject: (.*)\r$/m.exec(raw)?.[1] ?? '');
  } finally {
    session.close();
  }
}

beforeAll(async () => {
  database = await mailHostDatabase();
  host = await startRealMailHost(database.hostUrl);
}, 60_000);

afterAll(async () => {
  await host?.stop();
  await database?.drop();
}, 60_000);

describe('a mailbox on a real Postfix and Dovecot', () => {
  it('receives a mail, which is read over IMAP with its password', async () => {
    await mailboxes().testConnection();
    await mailboxes().ensureDomain(domain);
    await mailboxes().ensureMailbox({ address: admin, password });
    await deliver(admin.toUpperCase(), 'first', 'Grüße aus 東京');
    expect(await subjects(admin, 1)).toEqual(['first']);
  });

  it('lets nobody in with another password, an old one, or another name', async () => {
    const address = `door@${domain}`;
    await mailboxes().ensureMailbox({ address, password });
    expect(await accepts(address, `${password}x`)).toBe(false);
    expect(await accepts(`nobody@${domain}`, password)).toBe(false);
    await mailboxes().setPassword(address, 'An0ther-password');
    expect(await accepts(address, password)).toBe(false);
    expect(await accepts(address, 'An0ther-password')).toBe(true);
  });

  it('lets nobody in while it is suspended, and goes on receiving', async () => {
    const address = `asleep@${domain}`;
    await mailboxes().ensureMailbox({ address, password });
    await mailboxes().suspendMailbox(address);
    expect(await accepts(address, password)).toBe(false);
    await deliver(address, 'while asleep');
    await mailboxes().unsuspendMailbox(address);
    expect(await subjects(address, 1)).toEqual(['while asleep']);
  });

  it('is unknown to the mail host before it is made and after it is removed', async () => {
    const address = `gone@${domain}`;
    await expect(deliver(address, 'too early')).rejects.toMatchObject({ responseCode: 550 });
    await mailboxes().ensureMailbox({ address, password });
    await deliver(address, 'in time');
    expect(await subjects(address, 1)).toEqual(['in time']);
    await mailboxes().removeMailbox(address);
    await expect(deliver(address, 'too late')).rejects.toMatchObject({ responseCode: 550 });
    await expect(deliver('admin@other.example', 'elsewhere')).rejects.toMatchObject({ responseCode: 554 });
  });

  it('never shows the mail of a removed mailbox of its name, which a job of the host deletes', async () => {
    const address = `again@${domain}`;
    await mailboxes().ensureMailbox({ address, password });
    await deliver(address, 'private');
    expect(await subjects(address, 1)).toEqual(['private']);
    const [{ home }] = (await sql<{ home: string }>(`SELECT home FROM mail_boxes WHERE address = '${address}'`)) as [
      { home: string },
    ];
    expect(existsSync(join(host.mailFolder, home))).toBe(true);
    await mailboxes().removeMailbox(address);
    await mailboxes().ensureMailbox({ address, password });
    expect(await subjects(address, 0)).toEqual([]);

    const { hostname, port, pathname, username, password: word } = new URL(database.hostUrl);
    const env = {
      PGHOST: hostname,
      PGPORT: port,
      PGDATABASE: pathname.slice(1),
      PGUSER: username,
      PGPASSWORD: word,
    };
    const job = fileURLToPath(shipped('remove-mail.sh'));
    await promisify(execFile)('/bin/sh', [job, host.mailFolder], { env: { ...env, PATH: '/usr/bin:/bin' } });
    expect(existsSync(join(host.mailFolder, home))).toBe(true);
    await promisify(execFile)('/bin/sh', [job, host.mailFolder, '0 s'], { env: { ...env, PATH: '/usr/bin:/bin' } });
    expect(existsSync(join(host.mailFolder, home))).toBe(false);
    expect(await sql(`SELECT home FROM mail_removed_boxes WHERE home = '${home}'`)).toEqual([]);
  });

  it('gets what is sent to its alias, which takes the mail of an address exactly to its targets', async () => {
    const [sales, first, second] = ['sales', 'first', 'second'].map((name) => `${name}@${domain}`) as [
      string,
      string,
      string,
    ];
    for (const address of [sales, first, second]) await mailboxes().ensureMailbox({ address, password });
    await mailboxes().putForwards(sales, [first, second]);
    await deliver(sales, 'to both');
    expect([await subjects(first, 1), await subjects(second, 1)]).toEqual([['to both'], ['to both']]);
    await mailboxes().putForwards(sales, [sales, second]);
    await deliver(sales, 'to itself too');
    expect([await subjects(sales, 1), await subjects(second, 2)]).toEqual([
      ['to itself too'],
      ['to both', 'to itself too'],
    ]);
    expect(await subjects(first, 1)).toEqual(['to both']);
  });

  it('takes no more than its quota, and tells how full it is', async () => {
    const address = `small@${domain}`;
    await mailboxes().ensureMailbox({ address, password, quotaMb: 1 });
    const text = (kilobytes: number) => `${'x'.repeat(78)}\r\n`.repeat((kilobytes * 1024) / 80);
    await deliver(address, 'fits', text(800));
    // Dovecot lets the last mail exceed the quota by a tenth.
    await deliver(address, 'fills it', text(250));
    expect(await subjects(address, 2)).toEqual(['fits', 'fills it']);
    await expect(deliver(address, 'one too many')).rejects.toMatchObject({ responseCode: 552 });
    await until(async () => ((await mailboxes().findMailbox(address))?.usedMb ?? 0) > 1);
    await mailboxes().setQuota(address, 0);
    await deliver(address, 'room again', text(800));
    expect(await subjects(address, 3)).toEqual(['fits', 'fills it', 'room again']);
    await until(async () => ((await mailboxes().findMailbox(address))?.usedMb ?? 0) > 1.8);
  });

  it('ends with its domain', async () => {
    await mailboxes().ensureDomain('ends.example');
    await mailboxes().ensureMailbox({ address: 'admin@ends.example', password });
    await deliver('admin@ends.example', 'last');
    await mailboxes().removeDomain('ends.example');
    expect(await accepts('admin@ends.example', password)).toBe(false);
    // 550 while Postfix remembers the domain, then 554.
    await expect(deliver('admin@ends.example', 'too late')).rejects.toThrow(/\b55[04]\b/);
    expect(await accepts(admin, password)).toBe(true);
  });
});
