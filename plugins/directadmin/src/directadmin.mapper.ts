import { megabytesOf, objectFrom, textOf, textsFrom, type Account, type AccountUsage } from '@keelson/core';

/** What `CMD_API_SHOW_USER_CONFIG` tells about an account. */
export function accountFrom(config: unknown, panelUrl: string): Account {
  const { username, domain, suspended } = textsFrom(config, ['username', 'domain', 'suspended']);
  const { package: plan, email, ip, ns1, ns2, suspended_reason: reason } = objectFrom(config);
  return {
    remoteId: username,
    username,
    domain,
    package: textOf(plan),
    email: textOf(email),
    state: suspended === 'yes' ? 'suspended' : 'active',
    suspendReason: textOf(reason),
    ip: textOf(ip),
    nameservers: [ns1, ns2].flatMap((name) => textOf(name) ?? []),
    panelUrl,
  };
}

/** An account in the list of `CMD_USER_SHOW`. */
export interface UserRow {
  /** All of them: which one is the main domain is not told. */
  domains: string[];
  usage: AccountUsage;
}

/** The list has a member for each account, under a number, beside what the panel draws its table with. Sizes are megabytes. */
export function rowsFrom(answer: unknown): UserRow[] {
  const members = Object.entries(objectFrom(answer)).filter(([key]) => /^\d+$/.test(key));
  return members.map(([, row]) => {
    const { username } = textsFrom(row, ['username']);
    const { domains, quota, bandwidth } = objectFrom(row);
    const [disk, traffic] = [objectFrom(quota), objectFrom(bandwidth)];
    const usage: AccountUsage = {
      username,
      diskMb: megabytesOf(disk['usage']) ?? 0,
      diskLimitMb: megabytesOf(disk['limit']),
      bandwidthMb: megabytesOf(traffic['usage']),
      bandwidthLimitMb: megabytesOf(traffic['limit']),
    };
    return { domains: Object.keys(objectFrom(domains)), usage };
  });
}
