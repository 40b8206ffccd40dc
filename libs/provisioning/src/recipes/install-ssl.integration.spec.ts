import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sslPort } from '@keelson/core';
import { MemoryAuthority, MemoryDnsAdapter, memorySslCapabilities, MemorySslAdapter } from '@keelson/testing/memory';
import { ProvisioningHarness } from '../../test/provisioning-harness.js';

describe('install_ssl of hosting.provision', () => {
  let harness: ProvisioningHarness;
  let authority: MemoryAuthority;

  beforeAll(async () => {
    harness = await ProvisioningHarness.open();
  }, 120_000);
  afterAll(() => harness?.close());
  beforeEach(async () => {
    await harness.reset();
    harness.tools.dns.ask = () => Promise.resolve([]);
    authority = await MemoryAuthority.create();
    harness.ports.bound.set(sslPort.id, {
      adapter: new MemorySslAdapter(authority),
      capabilities: memorySslCapabilities,
      connectionId: await harness.connection('authority'),
    });
  });

  const certificates = () =>
    harness.dataSource.query<{ status: string; domains: string[]; private_key: string; service_id: string }[]>(
      'SELECT * FROM certificates ORDER BY created_at',
    );

  /** The world sees the zone as our name server holds it, and so does the authority. */
  function delegate(): void {
    harness.tools.dns.ask = async (name) => {
      const records = await new MemoryDnsAdapter(harness.names).listRecords('shop.example');
      const values = records.filter((set) => set.name === name && set.type === 'TXT').flatMap((set) => set.values);
      const asked = [...authority.orders.values()].flatMap(({ challenges }) => challenges);
      authority.publish(
        asked.filter((one) => one.type === 'dns-01' && one.recordName === name && values.includes(one.recordValue)),
      );
      return [{ server: 'ns1.keelson.test', values }];
    };
  }

  it('proves the domain by DNS, keeps the key sealed, and puts the certificate on the panel', async () => {
    delegate();
    const { taskId, serviceId } = await harness.order();
    expect((await harness.finish(taskId)).status).toBe('completed');
    expect(await harness.statesOf(taskId)).toMatchObject({ install_ssl: 'completed' });
    const [certificate, ...others] = await certificates();
    expect(others).toEqual([]);
    expect(certificate).toMatchObject({
      status: 'installed',
      domains: ['shop.example', 'www.shop.example'],
      service_id: serviceId,
    });
    expect(certificate?.private_key).toMatch(/^v1\./);
    expect(await harness.row('services', serviceId)).toMatchObject({ status: 'active', degraded: [] });
    expect(authority.orders.size).toBe(1);
  });

  it('leaves the service active and degraded while the world does not see the proof, without asking the authority to look', async () => {
    const { taskId, serviceId } = await harness.order();
    await harness.finish(taskId, (task) => task.status === 'waiting');
    expect(await harness.row('services', serviceId)).toMatchObject({ status: 'active', degraded: ['install_ssl'] });
    expect(await harness.statesOf(taskId)).toMatchObject({ install_ssl: 'waiting', send_welcome_email: 'completed' });
    expect(authority.calls.ledger.entries('checkCertificate')).toEqual([]);
  });

  it('goes on with the same order when it wakes again', async () => {
    const { taskId } = await harness.order();
    await harness.finish(taskId, (task) => task.status === 'waiting');
    delegate();
    await harness.dataSource.query(
      `UPDATE provisioning_steps SET next_attempt_at = now() WHERE task_id = $1 AND state = 'waiting'`,
      [taskId],
    );
    expect((await harness.finish(taskId)).status).toBe('completed');
    expect(authority.orders.size).toBe(1);
    expect((await certificates()).map(({ status }) => status)).toEqual(['installed']);
  });
});
