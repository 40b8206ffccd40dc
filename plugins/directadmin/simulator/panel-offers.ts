/** Limits in megabytes, or `unlimited`, as texts. */
export const packages = {
  starter: { quota: '1024', bandwidth: '10240' },
  basic: { quota: '5120', bandwidth: '51200' },
  business: { quota: 'unlimited', bandwidth: 'unlimited' },
} as const;

/** Addresses that the reseller may give. */
export const addresses: readonly string[] = ['192.0.2.40', '192.0.2.41'];
