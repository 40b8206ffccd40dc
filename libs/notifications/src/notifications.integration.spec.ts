import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { guardAdapter, mailPort, PortError, type AdapterOf, type MailPort } from '@keelson/core';
import { dataSourceOptions, newId } from '@keelson/database';
import { MemoryMailAdapter } from '@keelson/testing';
import { testDatabase, type TestDatabase } from '@keelson/testing/database';
import { DataSource } from 'typeorm';
import { notificationEntities } from './notifications.module.js';
import { NotificationsService, type Notification } from './notifications.service.js';

const settings = {
  companyName: 'Harbour Hosting',
  supportEmail: 'help@harbour.example',
  mailFrom: { name: 'Harbour', address: 'no-reply@harbour.example' },
};

describe('NotificationsService', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let notifications: NotificationsService;
  let server: MemoryMailAdapter;
  let mail: AdapterOf<typeof mailPort>;
  let welcome: Notification<'welcome'>;

  const guard = (adapter: MailPort) => guardAdapter(adapter, { connection: 'mail', port: mailPort, capabilities: [] });
  const entry = () => notifications.find(welcome.messageId);

  beforeAll(async () => {
    database = await testDatabase();
    dataSource = await new DataSource(dataSourceOptions({ url: database.url }, notificationEntities)).initialize();
    notifications = new NotificationsService(dataSource, settings);
  });

  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  beforeEach(() => {
    server = new MemoryMailAdapter();
    mail = guard(server);
    const id = newId();
    welcome = {
      messageId: notifications.messageIdOf(`provisioning_${id}`),
      department: 'sales',
      template: 'welcome',
      to: { name: 'Ann\r\nBee', address: 'ann@bee.example' },
      related: { type: 'service', id },
      data: {
        productName: 'Starter',
        productType: 'hosting',
        domain: 'ann.example',
        domainIsOurs: true,
        login: { url: 'https://my.harbour.example', userName: 'ann@bee.example', temporaryPassword: 'Temp-0rary' },
        nameservers: [],
      },
    };
  });

  it('sends the mail of a department and logs it, without its body', async () => {
    expect(await notifications.sendNow(welcome, mail)).toEqual({ messageId: welcome.messageId, alreadySent: false });
    expect(server.delivered).toMatchObject([
      {
        messageId: welcome.messageId,
        from: { name: 'Harbour Sales', address: 'no-reply@harbour.example' },
        replyTo: { address: 'help@harbour.example' },
        to: [{ name: 'Ann Bee', address: 'ann@bee.example' }],
        headers: { 'Auto-Submitted': 'auto-generated' },
      },
    ]);
    expect(server.delivered[0]?.text).toContain('Temp-0rary');
    expect(await entry()).toMatchObject({
      department: 'sales',
      template: 'welcome',
      recipient: 'ann@bee.example',
      subject: 'Welcome to Harbour Hosting: ann.example is ready',
      state: 'sent',
      attempts: 1,
      lastError: null,
      relatedType: 'service',
      relatedId: welcome.related?.id,
      sentAt: expect.any(Date) as unknown,
    });
    const rows = await dataSource.query<object[]>('SELECT * FROM email_log');
    expect(JSON.stringify(rows)).not.toContain('Temp-0rary');
  });

  it('does not send again what was sent', async () => {
    await notifications.sendNow(welcome, mail);
    expect(await notifications.sendNow(welcome, mail)).toEqual({ messageId: welcome.messageId, alreadySent: true });
    expect(server.delivered).toHaveLength(1);
    expect(await entry()).toMatchObject({ state: 'sent', attempts: 1 });
  });

  it('logs the attempt before it is made', async () => {
    let during: unknown;
    const watching = guard({
      testConnection: () => server.testConnection(),
      sendMail: async (message) => {
        during = await entry();
        return server.sendMail(message);
      },
    });
    await notifications.sendNow(welcome, watching);
    expect(during).toMatchObject({ state: 'queued', attempts: 1, sentAt: null });
  });

  it('tries again after a failure, as often as asked', async () => {
    server.faults.deferred.set('ann@bee.example', 3);
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      await expect(notifications.sendNow(welcome, mail)).rejects.toMatchObject({ code: 'unavailable' });
      expect(await entry()).toMatchObject({ state: 'failed', attempts: attempt, sentAt: null });
    }
    expect((await entry())?.lastError).toMatch(/^unavailable: /);
    await notifications.sendNow(welcome, mail);
    expect(await entry()).toMatchObject({ state: 'sent', attempts: 4, lastError: null });
    expect(server.delivered).toHaveLength(1);
  });

  it('makes one more attempt after one of unknown outcome: two mails at most, of one Message-ID', async () => {
    server.faults.breakOff = 'after';
    await expect(notifications.sendNow(welcome, mail)).rejects.toMatchObject({ code: 'outcome-unknown' });
    expect(await entry()).toMatchObject({ state: 'unknown' });
    server.faults.breakOff = 'after';
    await expect(notifications.sendNow(welcome, mail)).rejects.toMatchObject({ code: 'wrong-state' });
    expect(await entry()).toMatchObject({ state: 'failed', attempts: 2 });
    expect(new Set(server.delivered.map(({ messageId }) => messageId))).toEqual(new Set([welcome.messageId]));
    expect(server.delivered).toHaveLength(2);
  });

  it('counts an attempt whose process died as one of unknown outcome', async () => {
    await dataSource.query(
      `INSERT INTO email_log (id, message_id, department, template, recipient, subject, state, attempts)
       VALUES ($1, $2, 'sales', 'welcome', 'ann@bee.example', 'Welcome', 'queued', 1)`,
      [newId(), welcome.messageId],
    );
    server.faults.breakOff = 'after';
    await expect(notifications.sendNow(welcome, mail)).rejects.toMatchObject({ code: 'wrong-state' });
  });

  it('keeps secrets out of the log, whatever the server says', async () => {
    const talkative = guard({
      testConnection: async () => undefined,
      sendMail: async () => {
        throw new PortError('unavailable', 'failed', {
          details: { vendor: { status: 451, message: 'cannot store password=Temp-0rary now' } },
        });
      },
    });
    await expect(notifications.sendNow(welcome, talkative)).rejects.toMatchObject({ code: 'unavailable' });
    expect((await entry())?.lastError).toBe('unavailable: 451 cannot store password=*** now');
  });

  it('refuses a mail with a dangerous link before it logs anything', async () => {
    const data = { ...welcome.data, login: { ...welcome.data.login, url: 'javascript:alert(1)' } };
    await expect(notifications.sendNow({ ...welcome, data }, mail)).rejects.toThrow(TypeError);
    expect(await entry()).toBeUndefined();
  });

  it('makes the same Message-ID of the same key, fit for a header', () => {
    expect(notifications.messageIdOf('step 1\r\n<x>')).toBe('step-1---x-@harbour.example');
    expect(notifications.messageIdOf('job_01j')).toBe('job_01j@harbour.example');
  });
});
