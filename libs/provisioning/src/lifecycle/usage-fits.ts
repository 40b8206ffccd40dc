import type { AccountUsage } from '@keelson/core';

/** What a plan allows, by name; what is absent is unlimited. */
export type Limits = Readonly<Record<string, number | undefined>>;

const measures: readonly { limit: string; used: (usage: AccountUsage) => number | undefined; unit: string }[] = [
  { limit: 'diskMb', used: ({ diskMb }) => diskMb, unit: 'MB of disk' },
  { limit: 'bandwidthMb', used: ({ bandwidthMb }) => bandwidthMb, unit: 'MB of traffic' },
  { limit: 'websites', used: ({ domains }) => domains, unit: 'domains' },
  { limit: 'databases', used: ({ databases }) => databases, unit: 'databases' },
  { limit: 'mailboxes', used: ({ mailboxes }) => mailboxes, unit: 'mailboxes' },
];

/** What of the usage goes beyond the limits, one phrase each. What the vendor does not count is taken to fit. */
export function overLimits(usage: AccountUsage, limits: Limits): string[] {
  return measures.flatMap(({ limit, used, unit }) => {
    const [has, may] = [used(usage), limits[limit]];
    return has !== undefined && may !== undefined && has > may ? [`it uses ${has} ${unit} of ${may}`] : [];
  });
}
