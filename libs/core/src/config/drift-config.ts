import { below, type ConfigReader } from './config-reader.js';

/** Every way in which a vendor can differ from what we believe: `<what>.<how>`. */
export const driftKinds = [
  'account.missing',
  'account.unmanaged',
  'account.domain',
  'account.suspension',
  'account.package',
  'zone.missing',
  'zone.unmanaged',
  'zone.foreign',
  'zone.records',
  'certificate.overdue',
  'mailbox.missing',
  'mailbox.suspension',
  'domain.missing',
  'domain.unmanaged',
  'domain.expiry',
] as const;
export type DriftKind = (typeof driftKinds)[number];

/** `report`: shown, and repaired when an administrator says so. `repair`: repaired by itself. `ignore`: not even looked for. */
export const driftPolicies = ['report', 'repair', 'ignore'] as const;
export type DriftPolicy = (typeof driftPolicies)[number];

/** Kinds that the policy may have repaired; the others are for a person to look at. */
export const repairableKinds: readonly DriftKind[] = [
  'account.suspension',
  'account.package',
  'zone.missing',
  'zone.records',
  'mailbox.missing',
  'mailbox.suspension',
  'domain.expiry',
];

/** Kinds that are repaired only when an operator names the finding: looking first is part of the repair. */
export const namedRepairKinds: readonly DriftKind[] = ['account.missing'];

/** `drift:` of `keelson.config.yaml`. */
export interface DriftConfig {
  /** Minutes between two observations of the same things. */
  observeEveryMinutes: number;
  /** A difference counts once it was seen again after so many minutes: vendors show their own changes late. */
  confirmAfterMinutes: number;
  /** Most that one plan may touch, and that a list may shrink by, in percent; three objects are always allowed. */
  brakePercent: number;
  /** What is done about each kind; absent: `report`. */
  policy: Readonly<Partial<Record<DriftKind, DriftPolicy>>>;
}

export const defaultDriftConfig: DriftConfig = {
  observeEveryMinutes: 360,
  confirmAfterMinutes: 30,
  brakePercent: 10,
  policy: {},
};

/** Reads the section; what is wrong is noted in `reader`. Undefined when there is none. */
export function readDriftConfig(reader: ConfigReader, value: unknown): DriftConfig | undefined {
  if (value === undefined || value === null) return undefined;
  const entry = reader.mapping(value, 'drift', Object.keys(defaultDriftConfig));
  const count = (name: 'observeEveryMinutes' | 'confirmAfterMinutes' | 'brakePercent') =>
    entry[name] === undefined ? defaultDriftConfig[name] : (reader.count(entry[name], below('drift', name)) ?? 1);
  const brakePercent = count('brakePercent');
  if (brakePercent > 100) reader.problem('drift.brakePercent', 'must be at most 100');
  const policy = Object.entries(reader.mapping(entry['policy'], 'drift.policy', driftKinds)).map(([kind, wanted]) => {
    const path = below('drift.policy', kind);
    if (!driftPolicies.includes(wanted as DriftPolicy))
      reader.problem(path, `must be one of ${driftPolicies.join(', ')}`);
    if (wanted === 'repair' && namedRepairKinds.includes(kind as DriftKind)) {
      reader.problem(
        path,
        'it is never repaired by policy: the data may be elsewhere, and what is made again is empty. Look, then name the finding: keelson drift apply --only drift_…',
      );
    } else if (wanted === 'repair' && !repairableKinds.includes(kind as DriftKind)) {
      reader.problem(path, `there is no repair for it; there is for ${repairableKinds.join(', ')}`);
    }
    return [kind, wanted] as const;
  });
  return {
    observeEveryMinutes: count('observeEveryMinutes'),
    confirmAfterMinutes: count('confirmAfterMinutes'),
    brakePercent,
    policy: Object.fromEntries(policy),
  };
}
