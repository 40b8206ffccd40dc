import { brokenInvariants, type Broken, type Holding } from '@keelson/testing/invariants';
import type { ProvisioningHarness } from './provisioning-harness.js';

/** What `invariants` returns when all is well. */
export const sound: Broken = { duplicates: [], leaks: [], unproven: [], stuck: [], slots: [] };

/** Compares what the vendors in memory hold with what the database believes, as `npm run chaos` does with whole processes. */
export function invariants(harness: ProvisioningHarness): Promise<Broken> {
  return brokenInvariants((sql) => harness.dataSource.query<object[]>(sql), holdingsOf(harness));
}

function holdingsOf({ ports, names, mailboxes, registrar }: ProvisioningHarness): Holding[] {
  const accounts = [...ports.servers.values()].flatMap((panel) => [...panel.accounts.values()]);
  const owned = accounts.flatMap(({ externalId, databases }) =>
    externalId === undefined ? [] : [{ id: externalId, databases: databases.size }],
  );
  return [
    { kind: 'account', steps: ['create_account'], by: 'id', counts: count(owned.map(({ id }) => id)) },
    {
      kind: 'database',
      steps: ['create_database'],
      by: 'id',
      counts: new Map(owned.flatMap(({ id, databases }) => (databases === 0 ? [] : [[id, databases] as const]))),
    },
    { kind: 'zone', steps: ['setup_dns'], by: 'domain', counts: count([...names.zones.keys()]) },
    {
      kind: 'mailbox',
      steps: ['provision_email'],
      by: 'domain',
      counts: count([...mailboxes.mailboxes.keys()].map((address) => address.slice(address.indexOf('@') + 1))),
    },
    {
      kind: 'domain',
      steps: ['register_domain', 'transfer_domain'],
      by: 'domain',
      counts: count([...registrar.domains.keys()]),
      kept: true,
    },
  ];
}

function count(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
