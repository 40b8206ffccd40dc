import { generateKeyPairSync } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { guardAdapter, mailPort, systemClock, type MailMessage } from '@keelson/core';
import { plainToInstance } from 'class-transformer';
import PostalMime, { type Email } from 'postal-mime';
import { SmtpAdapter, SmtpSettings } from '../src/index.js';
import { type RealMailServer, startRealMailServer } from './real-smtp-server.js';

const dkimPrivateKey = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();
const message: MailMessage = {
  messageId: 'step-1.welcome@example.com',
  from: { name: 'Harbour Sales', address: 'sales@example.com' },
  to: [{ name: 'Ann Müller', address: 'ann@bee.example' }],
  subject: 'Willkommen, 東京 🚢',
  text: `Hello Ann\n\n.a line that begins with a dot\n${'ä'.repeat(1_500)}\n`,
  html: '<p>Hello <strong>Ann</strong></p>',
};

describe('mail through a real Postfix', () => {
  let server: RealMailServer;

  beforeAll(async () => {
    server = await startRealMailServer(['bee.example']);
  }, 30_000);

  afterAll(() => server?.stop());

  function connect(change: object = {}) {
    const { host, port, caPem } = server;
    const settings = { host, port, security: 'starttls', caPem, servername: 'localhost', ...change };
    const adapter = new SmtpAdapter(plainToInstance(SmtpSettings, settings), systemClock);
    return guardAdapter(adapter, { connection: 'postfix', port: mailPort, capabilities: ['dkim'] });
  }

  /** The messages that lie in a mailbox, once there are that many. */
  async function mailbox(address: string, count: number): Promise<Email[]> {
    for (let tries = 0; tries < 200; tries += 1) {
      const raw = await server.readMail(address);
      if (raw.length >= count) return Promise.all(raw.map((one) => PostalMime.parse(one)));
      await sleep(50);
    }
    throw new Error(`${address} holds ${(await server.readMail(address)).length} messages after 10 s, not ${count}`);
  }

  it('accepts a session over STARTTLS and over a plain connection', async () => {
    await connect().testConnection();
    await connect({ security: 'none' }).testConnection();
  });

  it('does not trust a certificate of an unknown authority', async () => {
    await expect(connect({ caPem: undefined }).testConnection()).rejects.toMatchObject({ code: 'invalid-config' });
    await expect(connect({ security: 'tls' }).testConnection()).rejects.toMatchObject({ code: 'invalid-config' });
  });

  it('delivers every character, encrypted and signed, under our Message-ID', async () => {
    const dkim = { dkimDomain: 'example.com', dkimSelector: 'keelson', dkimPrivateKey };
    const receipt = await connect(dkim).sendMail(message);
    expect(receipt).toMatchObject({ messageId: message.messageId, accepted: ['ann@bee.example'], rejected: [] });
    expect(receipt.response).toMatch(/^250 2\.0\.0 Ok: queued as /);
    const [mail] = await mailbox('ann@bee.example', 1);
    expect(mail).toMatchObject({
      messageId: `<${message.messageId}>`,
      subject: message.subject,
      from: { name: 'Harbour Sales', address: 'sales@example.com' },
      to: [{ name: 'Ann Müller', address: 'ann@bee.example' }],
    });
    expect(mail?.text?.trim()).toBe(message.text.trim());
    expect(mail?.html?.trim()).toBe(message.html);
    const header = (name: string) => mail?.headers.find(({ key }) => key === name)?.value;
    expect(header('dkim-signature')).toMatch(/a=rsa-sha256;.* d=example\.com;.* s=keelson;/);
    expect(header('received')).toMatch(/with ESMTPS/);
  });

  it('delivers a repetition as a second copy with the same Message-ID', async () => {
    const to = [{ address: 'twice@bee.example' }];
    const mail = connect();
    await mail.sendMail({ ...message, to });
    await mail.sendMail({ ...message, to });
    const copies = await mailbox('twice@bee.example', 2);
    expect(copies.map(({ messageId }) => messageId)).toEqual([`<${message.messageId}>`, `<${message.messageId}>`]);
  });

  it('reports a recipient whom Postfix refuses for good, alone and beside an accepted one', async () => {
    const stranger = { address: 'eve@elsewhere.example' };
    const mail = connect();
    await expect(mail.sendMail({ ...message, to: [stranger] })).rejects.toMatchObject({
      code: 'invalid-input',
      details: { vendor: { status: 554 } },
    });
    const beside = await mail.sendMail({ ...message, to: [{ address: 'bob@bee.example' }, stranger] });
    expect(beside).toMatchObject({ accepted: ['bob@bee.example'], rejected: ['eve@elsewhere.example'] });
    expect(await mailbox('bob@bee.example', 1)).toHaveLength(1);
  });

  it('refuses to be talked into further recipients by line breaks', async () => {
    const subject = 'Welcome\r\nBcc: eve@bee.example';
    await expect(connect().sendMail({ ...message, subject })).rejects.toMatchObject({ code: 'invalid-input' });
    await sleep(300);
    expect(await server.readMail('eve@bee.example')).toEqual([]);
  });

  it('sends many messages at once over a few connections', async () => {
    const mail = connect();
    const numbers = Array.from({ length: 40 }, (_, number) => number);
    const send = (number: number) =>
      mail.sendMail({
        ...message,
        messageId: `many-${number}@example.com`,
        to: [{ address: 'many@bee.example' }],
      });
    await Promise.all(numbers.map(send));
    const ids = (await mailbox('many@bee.example', 40)).map(({ messageId }) => messageId);
    expect(new Set(ids)).toEqual(new Set(numbers.map((number) => `<many-${number}@example.com>`)));
    expect(ids).toHaveLength(40);
  });

  it('is unavailable once the server is gone', async () => {
    const mail = connect();
    await mail.testConnection();
    await server.stop();
    await expect(mail.testConnection()).rejects.toMatchObject({ code: 'unavailable' });
    await expect(mail.sendMail(message)).rejects.toMatchObject({ code: 'unavailable' });
  });
});
