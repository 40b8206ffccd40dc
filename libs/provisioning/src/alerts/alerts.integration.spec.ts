import { createHmac, randomBytes } from 'node:crypto';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryMailAdapter } from '@keelson/testing/memory';
import { AlertDispatcher, Alerts, NotificationsService, type OperatorMail } from '@keelson/notifications';
import { ProvisioningHarness } from '../../test/provisioning-harness.js';
import { provisioningAlertSources } from './alert-sources.js';

describe('what operators should know of', () => {
  let harness: ProvisioningHarness;
  let alerts: Alerts;
  let dispatcher: AlertDispatcher;
  let mail: MemoryMailAdapter;
  let receiver: HttpServer;
  let answer = 200;
  const received: { headers: Record<string, string>; body: string }[] = [];
  const secret = randomBytes(32);

  beforeAll(async () => {
    receiver = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        received.push({
          headers: request.headers as Record<string, string>,
          body: Buffer.concat(chunks).toString(),
        });
        response.writeHead(answer).end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const { port } = receiver.address() as AddressInfo;
    harness = await ProvisioningHarness.open({
      env: {
        ALERT_EMAIL: 'desk@keelson.test',
        ALERT_WEBHOOK_URL: `http://127.0.0.1:${port}/alerts`,
        ALERT_WEBHOOK_SECRET: `whsec_${secret.toString('base64')}`,
      },
    });
    const { dataSource, settings } = harness;
    alerts = new Alerts(dataSource, settings);
    alerts.register(...provisioningAlertSources(settings));
    const operatorMail = { adapter: () => Promise.resolve(mail) } as unknown as OperatorMail;
    dispatcher = new AlertDispatcher(
      dataSource,
      new NotificationsService(dataSource, settings),
      operatorMail,
      settings,
    );
  }, 120_000);
  afterAll(async () => {
    await new Promise((resolve) => receiver.close(resolve));
    await harness?.close();
  });
  beforeEach(async () => {
    await harness.reset();
    await harness.dataSource.query('TRUNCATE alerts CASCADE');
    received.length = 0;
    answer = 200;
    mail = new MemoryMailAdapter();
  });

  const open = async () =>
    (await alerts.list({ status: 'open', limit: 50, offset: 0 })).items.map(({ kind, title }) => [kind, title]);
  const deliverAll = async () => {
    await harness.dataSource.query(
      'UPDATE alert_deliveries SET next_attempt_at = now() WHERE next_attempt_at IS NOT NULL',
    );
    return dispatcher.deliverDue();
  };
  const fill = (used: number) => harness.dataSource.query('UPDATE servers SET used = $1', [used]);

  it('is raised once, however often it is looked for, and resolves itself', async () => {
    await fill(95);
    expect(await alerts.look()).toBe(1);
    expect(await alerts.look()).toBe(0);
    expect(await open()).toEqual([['server.full', 'the server web1 is nearly full']]);
    await fill(10);
    expect(await alerts.look()).toBe(1);
    expect(await open()).toEqual([]);
    await fill(95);
    await alerts.look();
    expect((await alerts.list({ limit: 50, offset: 0 })).total).toBe(2);
  });

  it('is raised once by any number of workers at the same time', async () => {
    await fill(95);
    await Promise.all(Array.from({ length: 6 }, () => alerts.look()));
    expect((await alerts.list({ limit: 50, offset: 0 })).total).toBe(1);
  });

  it('tells of jobs that failed or need a person, until they are dealt with', async () => {
    harness.panel.capacity = 0;
    const { taskId } = await harness.order({ domain: 'not-there.example' });
    await harness.dataSource.query(
      `UPDATE provisioning_tasks SET status = 'needs_attention', error = 'The panel is full.' WHERE id = $1`,
      [taskId],
    );
    await alerts.look();
    expect(await open()).toEqual([
      ['task.needs_attention', 'a job needs a person: hosting.provision of not-there.example'],
    ]);
    await harness.dataSource.query(`UPDATE provisioning_tasks SET status = 'failed' WHERE id = $1`, [taskId]);
    await alerts.look();
    expect((await open()).map(([kind]) => kind)).toEqual(['task.failed']);
    await harness.start((await harness.journal.task(taskId))?.serviceId ?? '').catch(() => undefined);
    await harness.dataSource.query(`UPDATE provisioning_tasks SET status = 'completed' WHERE id = $1`, [taskId]);
    await alerts.look();
    expect(await open()).toEqual([]);
  });

  it('tells of servers, connections, balances and certificates from what the tables say', async () => {
    const { manager } = harness.dataSource;
    await manager.query('UPDATE servers SET is_online = false');
    const registrar = await harness.connection('registrar two');
    await manager.query(
      `INSERT INTO connection_checks (connection_id, failures, failing_since, error, balance_amount, balance_currency)
       VALUES ($1, 9, now() - interval '10 minutes', 'The credentials are refused.', 1234, 'USD')`,
      [registrar],
    );
    const { id } = await harness.service();
    await manager.query(`UPDATE services SET status = 'active' WHERE id = $1`, [id]);
    await manager.query(
      `INSERT INTO certificate_renewals (service_id, due_at, failing_since, error) VALUES ($1, now(), now(), 'No proof was found.')
       ON CONFLICT (service_id) DO UPDATE SET failing_since = now(), error = 'No proof was found.'`,
      [id],
    );
    await alerts.look();
    expect((await open()).map(([kind]) => kind).sort()).toEqual([
      'certificate.failing',
      'connection.away',
      'registrar.balance_low',
      'server.offline',
    ]);
  });

  it('comes by mail and by a signed webhook, once each, and again when it is over', async () => {
    await fill(100);
    await alerts.look();
    expect(await deliverAll()).toBe(2);
    expect(mail.delivered).toHaveLength(1);
    expect(mail.delivered[0]?.subject).toContain('the server web1 is full');
    const [{ headers, body } = { headers: {} as Record<string, string>, body: '' }] = received;
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', secret).update(signed).digest('base64')}`);
    expect(JSON.parse(body)).toMatchObject({
      type: 'alert.raised',
      data: { kind: 'server.full', severity: 'critical' },
    });
    expect(await deliverAll()).toBe(0);
    await fill(1);
    await alerts.look();
    await deliverAll();
    expect(mail.delivered.at(-1)?.subject).toContain('over: the server web1');
    expect(JSON.parse(received.at(-1)?.body ?? '{}')).toMatchObject({ type: 'alert.resolved' });
  });

  it('comes once more when a warning turns critical, and not when it does so again', async () => {
    await fill(95);
    await alerts.look();
    await deliverAll();
    expect(mail.delivered.at(-1)?.subject).toContain('the server web1 is nearly full');
    await fill(100);
    expect(await alerts.look()).toBe(1);
    expect(await alerts.look()).toBe(0);
    expect(await deliverAll()).toBe(2);
    expect(mail.delivered.at(-1)?.subject).toContain('the server web1 is full');
    expect(received.map(({ body }) => JSON.parse(body) as object)).toMatchObject([
      { type: 'alert.raised', data: { severity: 'warning' } },
      { type: 'alert.worsened', data: { severity: 'critical' } },
    ]);
    await fill(95);
    await alerts.look();
    await fill(100);
    expect(await alerts.look()).toBe(0);
    expect(await deliverAll()).toBe(0);
  });

  it('is tried again when the receiver is away, with the same id', async () => {
    await fill(100);
    await alerts.look();
    answer = 503;
    await deliverAll();
    answer = 200;
    await deliverAll();
    expect(received.map(({ headers }) => headers['webhook-id'])).toEqual([
      received[0]?.headers['webhook-id'],
      received[0]?.headers['webhook-id'],
    ]);
    expect(mail.delivered).toHaveLength(1);
    expect(await deliverAll()).toBe(0);
  });

  it('remembers who looks after it', async () => {
    await fill(100);
    await alerts.look();
    const [alert] = (await alerts.list({ limit: 1, offset: 0 })).items;
    await alerts.acknowledge(alert?.id ?? '', 'user:1');
    expect(await alerts.acknowledge(alert?.id ?? '', 'user:2')).toMatchObject({ acknowledgedBy: 'user:1' });
  });
});
