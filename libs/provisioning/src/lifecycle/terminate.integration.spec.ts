import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '@keelson/core';
import { admin, LifecycleHarness, operator } from '../../test/lifecycle-harness.js';
import { ProvisioningHarness } from '../../test/provisioning-harness.js';
import { RemovalSchedule } from './removal-schedule.service.js';

const reason = 'The customer gave notice.';
const nothing = { slots: 0, accounts: 0, databases: 0, zones: 0, mailboxes: 0 };
const dayMs = 86_400_000;

describe('the end of a service', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keelson-removal-'));
  const script = join(folder, 'backup.sh');
  const log = join(folder, 'log');
  let harness: ProvisioningHarness;
  let services: LifecycleHarness;
  let serviceId: string;

  beforeAll(async () => {
    writeFileSync(script, '');
    chmodSync(script, 0o755);
    harness = await ProvisioningHarness.open({ env: { BEFORE_REMOVAL_COMMAND: script } });
    services = new LifecycleHarness(harness);
  }, 120_000);
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await harness?.close();
  });
  beforeEach(async () => {
    await harness.reset();
    rmSync(log, { force: true });
    backup(`echo "$KEELSON_DOMAIN $KEELSON_USERNAME $KEELSON_SERVER" >> ${log}`);
    serviceId = await services.active();
  });

  const backup = (line: string) => writeFileSync(script, `#!/bin/sh\n${line}\n`);
  const account = () => [...harness.panel.accounts.values()][0];
  const schedule = (ahead = 0) =>
    new RemovalSchedule(harness.dataSource, services.lifecycle, {
      ...systemClock,
      now: () => new Date(Date.now() + ahead),
    });

  it('closes it and keeps its data until the date', async () => {
    expect((await services.do(serviceId, 'terminate', { reason, removeAfterDays: 14 })).status).toBe('completed');
    expect(account()).toMatchObject({ state: 'suspended', suspendReason: reason });
    const row = await services.service(serviceId);
    expect(row).toMatchObject({ status: 'quarantined', termination_reason: reason });
    const days = ((row?.['remove_due_at'] as Date).getTime() - Date.now()) / dayMs;
    expect(Math.round(days)).toBe(14);
    expect(await schedule().beginDue()).toBe(0);
  });

  it('is taken back while the data is there', async () => {
    await services.do(serviceId, 'terminate', { reason });
    expect((await services.do(serviceId, 'restore')).status).toBe('completed');
    expect(account()?.state).toBe('active');
    expect(await services.service(serviceId)).toMatchObject({ status: 'active' });
  });

  it('removes everything once the date has come, after the operator’s command, and only once', async () => {
    const username = account()?.username;
    await services.do(serviceId, 'terminate', { reason, removeAfterDays: 0 });
    const runs = await Promise.all([schedule(1_000).beginDue(), schedule(1_000).beginDue()]);
    expect(runs.reduce((sum, begun) => sum + begun, 0)).toBe(1);
    const [task] = (await harness.provisioning.list({ serviceId, limit: 1, offset: 0 })).items;
    expect((await harness.finish(task?.id ?? '')).status).toBe('completed');
    expect(await harness.holdings()).toMatchObject(nothing);
    expect(readFileSync(log, 'utf8')).toBe(`shop.example ${username} web1\n`);
    expect(await services.service(serviceId)).toMatchObject({
      status: 'terminated',
      terminated_at: expect.any(Date),
      remove_due_at: null,
      server_id: null,
    });
    expect(await harness.secrets.find(serviceId, 'panel_password')).toBeUndefined();
    // The domain can be ordered again.
    await services.active();
  });

  it('removes nothing while the operator’s command fails', async () => {
    backup(`echo "disk full" >&2; exit 3`);
    harness.policy = { ...harness.policy, attempts: 2 };
    await services.do(serviceId, 'terminate', { reason, removeAfterDays: 0 });
    const before = await harness.holdings();
    const task = await services.do(serviceId, 'remove');
    expect(task).toMatchObject({
      status: 'needs_attention',
      error: 'BEFORE_REMOVAL_COMMAND ended with 3: disk full. Nothing is removed.',
    });
    expect(await harness.holdings()).toEqual(before);
    expect(await services.service(serviceId)).toMatchObject({ status: 'quarantined' });
    await harness.provisioning.cancel(task.id);
    await harness.finish(task.id);
    expect((await services.do(serviceId, 'restore')).status).toBe('completed');
  });

  it('keeps a domain at its registrar, and a zone with what others put into it', async () => {
    await harness.reset();
    serviceId = await services.active({ domain: 'bought.example', domainMode: 'new_registration' });
    const zone = harness.names.zones.get('bought.example');
    const foreign = { name: 'www2.bought.example', type: 'A' as const, ttl: 300, values: ['198.51.100.9'] };
    zone?.sets.set('www2.bought.example A', foreign);
    await services.do(serviceId, 'terminate', { reason, removeAfterDays: 0 });
    expect((await services.do(serviceId, 'remove')).status).toBe('completed');
    expect(await harness.holdings()).toMatchObject({ ...nothing, zones: 1, domains: 1 });
    expect([...(zone?.sets.values() ?? [])].filter(({ type }) => type !== 'NS')).toEqual([foreign]);
    expect(await harness.row('domains', serviceId)).toMatchObject({ status: 'active' });
  });

  it('never touches an account that carries the mark of another service', async () => {
    await services.do(serviceId, 'terminate', { reason, removeAfterDays: 0 });
    const found = account();
    if (found !== undefined) found.externalId = 'another';
    expect((await services.do(serviceId, 'remove')).status).toBe('needs_attention');
    expect(harness.panel.accounts.size).toBe(1);
  });

  it('is an administrator’s decision before the date', async () => {
    await services.do(serviceId, 'terminate', { reason });
    await expect(services.ask(serviceId, 'remove', {}, operator)).rejects.toThrow(/data is kept until/);
    expect(existsSync(log)).toBe(false);
  });

  it.each(
    ['run_before_removal', 'remove_mailboxes', 'remove_account', 'remove_zone'].flatMap((step) =>
      (['claimed', 'acted', 'recorded'] as const).map((death) => [step, death] as const),
    ),
  )('comes to the same end when the worker dies in %s, once it %s', async (step, death) => {
    await services.do(serviceId, 'terminate', { reason, removeAfterDays: 0 });
    const { taskId } = await services.ask(serviceId, 'remove', {}, admin);
    expect(await services.kill(taskId, step, death)).toBe(true);
    expect((await harness.finish(taskId)).status).toBe('completed');
    expect(await harness.holdings()).toMatchObject(nothing);
    expect(await services.service(serviceId)).toMatchObject({ status: 'terminated' });
    expect(await harness.forgotten()).toEqual([]);
  });
});
