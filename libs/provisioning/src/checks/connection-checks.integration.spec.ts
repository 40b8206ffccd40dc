import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ConnectionsService } from '@keelson/catalogue';
import { ProvisioningHarness } from '../../test/provisioning-harness.js';
import type { VendorConnections } from '../reconcile/vendor-connections.service.js';
import { ConnectionChecks } from './connection-checks.service.js';

describe('asking connections whether they answer', () => {
  let harness: ProvisioningHarness;
  let asked: string[];
  /** Connections that do not answer now. */
  let away: Set<string>;
  let panel: string;
  let registrar: string;
  let balance = 9_900;

  beforeAll(async () => {
    harness = await ProvisioningHarness.open();
  }, 120_000);
  afterAll(() => harness?.close());
  beforeEach(async () => {
    await harness.reset();
    asked = [];
    away = new Set();
    [panel = ''] = [...harness.ports.servers.keys()];
    registrar = await harness.connection('names');
  });

  /** One worker's checks. */
  const checks = () => {
    const vendors = {
      list: () =>
        Promise.resolve([
          { id: panel, name: 'panel', ports: ['provisioner'] },
          { id: registrar, name: 'names', ports: ['registrar'] },
        ]),
    } as unknown as VendorConnections;
    const connections = {
      test: (id: string) => {
        asked.push(id);
        const ok = !away.has(id);
        return Promise.resolve({ ok, ports: [{ port: 'any', ok, ...(ok ? {} : { message: 'No answer.' }) }] });
      },
      adapterFor: () => Promise.resolve({ getBalance: () => Promise.resolve({ amount: balance, currency: 'USD' }) }),
    } as unknown as ConnectionsService;
    return new ConnectionChecks(harness.dataSource, connections, vendors);
  };
  /** Everything becomes due, and is asked. */
  const turn = async () => {
    await harness.dataSource.query('UPDATE connection_checks SET due_at = now()');
    await checks().checkDue();
  };
  const online = async () =>
    (await harness.dataSource.query<{ is_online: boolean }[]>('SELECT is_online FROM servers'))[0]?.is_online;
  const row = async (id: string) =>
    (
      await harness.dataSource.query<Record<string, unknown>[]>(
        'SELECT * FROM connection_checks WHERE connection_id = $1',
        [id],
      )
    )[0];

  it('happens once for each that is due, however many workers look', async () => {
    await Promise.all([checks().checkDue(), checks().checkDue(), checks().checkDue()]);
    expect(asked.sort()).toEqual([panel, registrar].sort());
    expect(await checks().checkDue()).toBe(0);
  });

  it('takes a server out of service after three failures in a row, and back at the first answer', async () => {
    await checks().checkDue();
    away.add(panel);
    await turn();
    await turn();
    expect(await online()).toBe(true);
    await turn();
    expect(await online()).toBe(false);
    expect(await row(panel)).toMatchObject({ failures: 3, error: 'No answer.', failing_since: expect.any(Date) });
    away.clear();
    await turn();
    expect(await online()).toBe(true);
    expect(await row(panel)).toMatchObject({ failures: 0, error: null, failing_since: null });
  });

  it('notes what is left at a registrar, and keeps it while nobody says', async () => {
    await checks().checkDue();
    expect(await row(registrar)).toMatchObject({ balance_amount: '9900', balance_currency: 'USD' });
    away.add(registrar);
    balance = 1;
    await turn();
    expect(await row(registrar)).toMatchObject({ balance_amount: '9900', failures: 1 });
  });
});
