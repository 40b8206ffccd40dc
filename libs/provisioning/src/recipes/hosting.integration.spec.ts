import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { deriveUsername, dnsPort, mailboxPort, mailPort, PortError, registrarPort } from '@keelson/core';
import { MemoryProvisionerAdapter } from '@keelson/testing/memory';
import { ProvisioningHarness } from '../../test/provisioning-harness.js';

describe('hosting.provision', () => {
  let harness: ProvisioningHarness;

  beforeAll(async () => {
    harness = await ProvisioningHarness.open();
  }, 120_000);
  afterAll(() => harness?.close());
  beforeEach(() => harness.reset());

  it('makes everything that was ordered, at the vendors and in the tables', async () => {
    const { serviceId, taskId } = await harness.order();
    const task = await harness.finish(taskId);
    expect(task).toMatchObject({ status: 'completed', error: null, nextWakeAt: null });
    expect(await harness.statesOf(taskId)).toEqual({
      assign_server: 'completed',
      create_account: 'completed',
      setup_dns: 'completed',
      provision_email: 'completed',
      create_database: 'completed',
      register_domain: 'skipped',
      transfer_domain: 'skipped',
      configure_domain: 'skipped',
      secure_dns: 'skipped',
      install_ssl: 'skipped',
      send_welcome_email: 'completed',
    });

    const [account] = [...harness.panel.accounts.values()];
    expect(account).toMatchObject({ domain: 'shop.example', package: 'starter', externalId: serviceId });
    expect(await harness.row('services', serviceId)).toMatchObject({
      status: 'active',
      degraded: [],
      username: account?.username,
      ip: harness.panel.ip,
      nameservers: ['ns1.keelson.test', 'ns2.keelson.test'],
    });
    expect(await harness.row('websites', serviceId)).toMatchObject({ status: 'active' });
    expect(await harness.row('domains', serviceId)).toMatchObject({ status: 'active', mode: 'external' });
    expect(await harness.row('dns_zones', serviceId)).toMatchObject({ status: 'active', name: 'shop.example' });
    expect(await harness.row('mailboxes', serviceId)).toMatchObject({
      status: 'active',
      address: 'admin@shop.example',
    });
    expect(await harness.row('databases', serviceId)).toMatchObject({ name: `${account?.username}_main` });

    const zone = harness.names.zones.get('shop.example');
    expect(zone?.owner).toBe(serviceId);
    expect([...(zone?.sets.keys() ?? [])]).toContain('www.shop.example CNAME');
    expect(zone?.sets.get('shop.example A')?.values).toEqual([harness.panel.ip]);
  });

  it('remembers whose every remote object is', async () => {
    const { serviceId, taskId } = await harness.order({ domainMode: 'new_registration' });
    await harness.finish(taskId);
    const owned = await harness.dataSource.query<{ kind: string; remote_id: string }[]>(
      'SELECT kind, remote_id FROM remote_resources WHERE service_id = $1 ORDER BY kind',
      [serviceId],
    );
    const [username] = harness.panel.accounts.keys();
    expect(owned).toEqual([
      { kind: 'account', remote_id: username },
      { kind: 'domain', remote_id: 'shop.example' },
      { kind: 'mailbox', remote_id: 'admin@shop.example' },
      { kind: 'zone', remote_id: 'shop.example' },
    ]);
  });

  it('keeps passwords encrypted, uses the same at the vendors and in the mail, and shows them nowhere else', async () => {
    const { serviceId, taskId } = await harness.order();
    await harness.finish(taskId);
    const panel = await harness.secrets.find(serviceId, 'panel_password');
    const mailbox = await harness.secrets.find(serviceId, 'mailbox_password');
    expect([...harness.panel.accounts.values()][0]?.password).toBe(panel);
    expect(harness.mailboxes.mailboxes.get('admin@shop.example')?.password).toBe(mailbox);
    const [mail] = harness.mail.delivered;
    expect(mail?.to).toEqual([{ name: 'Ada Lovelace', address: 'ada@example.org' }]);
    expect(mail?.text).toContain(panel);
    expect(mail?.text).toContain(mailbox);
    const tables = ['service_secrets', 'provisioning_tasks', 'provisioning_steps', 'provisioning_events', 'email_log'];
    for (const table of [...tables, 'services', 'mailboxes', 'databases', 'remote_resources']) {
      const stored = JSON.stringify(await harness.dataSource.query(`SELECT * FROM ${table}`));
      expect(stored).not.toContain(panel);
      expect(stored).not.toContain(mailbox);
    }
    expect(await harness.dataSource.query('SELECT state, template, recipient FROM email_log')).toEqual([
      { state: 'sent', template: 'welcome', recipient: 'ada@example.org' },
    ]);
  });

  it('buys the domain last, with the name servers of the zone', async () => {
    const { serviceId, taskId } = await harness.order({ domainMode: 'new_registration' });
    await harness.finish(taskId);
    expect(harness.registrar.domains.get('shop.example')).toMatchObject({
      nameservers: ['ns1.keelson.test', 'ns2.keelson.test'],
    });
    expect(await harness.row('domains', serviceId)).toMatchObject({ status: 'active', mode: 'new_registration' });
    const steps = await harness.journal.steps(taskId);
    const pivot = steps.find(({ name }) => name === 'register_domain');
    for (const { name, finishedAt } of steps.filter(({ position }) => position < (pivot?.position ?? 0))) {
      expect([name, (finishedAt?.getTime() ?? 0) <= (pivot?.startedAt?.getTime() ?? 0)]).toEqual([name, true]);
    }
  });

  it('waits with the purchase, and keeps what it made, while the balance is too low', async () => {
    harness.registrar.balance = 0;
    const { taskId } = await harness.order({ domainMode: 'new_registration' });
    await harness.runner().drive(taskId);
    expect(await harness.statesOf(taskId)).toMatchObject({ register_domain: 'waiting' });
    expect(await harness.holdings()).toMatchObject({ accounts: 1, zones: 1, payments: 0 });
    harness.registrar.balance = 5_000;
    expect((await harness.finish(taskId)).status).toBe('completed');
    expect(await harness.holdings()).toMatchObject({ accounts: 1, domains: 1, payments: 1 });
  });

  it('skips what nothing is bound for, and says so', async () => {
    for (const port of [dnsPort, mailboxPort, mailPort, registrarPort]) harness.ports.bound.delete(port.id);
    const { serviceId, taskId } = await harness.order({ domainMode: 'new_registration' });
    expect((await harness.finish(taskId)).status).toBe('completed');
    const { timeline } = await harness.provisioning.view(taskId);
    for (const port of ['dns', 'mailbox', 'registrar', 'mail']) {
      expect(timeline.map(({ reason }) => reason)).toContain(`no connection is bound to the port ${port} for hosting`);
    }
    expect(await harness.row('services', serviceId)).toMatchObject({ status: 'active' });
    expect(await harness.row('dns_zones', serviceId)).toMatchObject({ status: 'skipped' });
  });

  it('gives an order without a domain a site below our own name', async () => {
    const { serviceId, taskId } = await harness.order({ domain: undefined });
    expect((await harness.finish(taskId)).status).toBe('completed');
    expect([...harness.panel.accounts.values()][0]?.domain).toMatch(/^s[0-9a-f]{12}\.keelson\.test$/);
    expect(await harness.holdings()).toMatchObject({ accounts: 1, databases: 1, zones: 0, mailboxes: 0, mails: 1 });
    expect(await harness.row('services', serviceId)).toMatchObject({ status: 'active', domain: null });
  });

  it('leaves a step waiting, for an operator, whose connection is unbound after it began', async () => {
    harness.names.calls.set({
      method: 'putRecords',
      times: 1,
      error: new PortError('unavailable', 'Later.', { retryAfterMs: 1_000 }),
    });
    const { taskId } = await harness.order();
    await harness.runner().drive(taskId);
    const dns = harness.ports.bound.get('dns');
    harness.ports.bound.delete('dns');
    await new Promise((resolve) => setTimeout(resolve, 1_300));
    await harness.runner().drive(taskId);
    const [step] = (await harness.journal.steps(taskId)).filter(({ name }) => name === 'setup_dns');
    expect(step).toMatchObject({ state: 'waiting', errorCode: 'invalid-config' });
    if (dns !== undefined) harness.ports.bound.set('dns', dns);
    expect((await harness.finish(taskId)).status).toBe('completed');
  });

  it('takes the next name when another account has the first', async () => {
    const { taskId, serviceId } = await harness.order();
    const panel = new MemoryProvisionerAdapter(harness.panel);
    const wanted = deriveUsername(serviceId, 'shop.example', await panel.usernameRules());
    const theirs = { domain: 'foreign.example', externalId: 'theirs', email: 'else@example.net' };
    await panel.ensureAccount({ ...theirs, username: wanted, package: 'starter', password: 'S3cure-and-l0ng' });
    expect((await harness.finish(taskId)).status).toBe('completed');
    const service = await harness.row<{ username: string }>('services', serviceId);
    expect(service?.username).not.toBe(wanted);
    expect(harness.panel.accounts.get(wanted)?.domain).toBe('foreign.example');
    expect(harness.panel.accounts.get(service?.username ?? '')?.externalId).toBe(serviceId);
  });
});
