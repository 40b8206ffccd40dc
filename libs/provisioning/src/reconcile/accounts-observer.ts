import { type Account, type Package, provisionerPort } from '@keelson/core';
import { isPackage, isSameAccount } from '../lifecycle/account-match.js';
import { allPages, type Difference, type Facts, type Observer } from './reconcile.types.js';

/** An account that a service stands behind, or is about to. */
export interface AccountBelief {
  serviceId: string;
  /** Null until it is made. */
  username: string | null;
  domain: string | null;
  package: string;
  status: string;
  /** Ids under which the vendor may keep it: our service's, or the one it was adopted with. */
  externalIds: string[];
}

export interface SeenAccounts {
  accounts: Account[];
  packages: Package[];
}

/** Hosting accounts of a server: there or not, suspended or not, on which package. */
export const accountsObserver: Observer<typeof provisionerPort, AccountBelief, SeenAccounts> = {
  area: 'accounts',
  port: provisionerPort,
  believe: (manager, connectionId) =>
    manager.query<AccountBelief[]>(
      `SELECT s.id AS "serviceId", s.username, s.domain, s.status, coalesce(s.package_name, p.package_name, p.slug) AS package,
              array_remove(ARRAY[s.id::text, r.data->>'externalId'], NULL) AS "externalIds"
         FROM services s
         JOIN servers v ON v.id = s.server_id
         JOIN products p ON p.id = s.product_id
         LEFT JOIN remote_resources r ON r.service_id = s.id AND r.connection_id = v.connection_id AND r.kind = 'account'
        WHERE v.connection_id = $1 AND s.status <> 'terminated'
        ORDER BY s.id`,
      [connectionId],
    ),
  look: async (adapter) => {
    const listed = await allPages((cursor) => adapter.listAccounts(cursor));
    // An account that moved between two pages while they were read is listed twice.
    const accounts = [...new Map(listed.map((account) => [account.username, account])).values()];
    return { listed: accounts.length, seen: { accounts, packages: await adapter.listPackages() } };
  },
  count: (beliefs) => beliefs.filter(isMade).length,
  compare: (beliefs, { accounts, packages }) => {
    const byName = new Map(accounts.map((account) => [account.username, account]));
    const ours = beliefs.flatMap((belief) =>
      isMade(belief) ? differencesOf(belief, byName.get(belief.username), packages) : [],
    );
    const names = new Set(beliefs.map(({ username }) => username));
    const domains = new Set(beliefs.map(({ domain }) => domain));
    const strangers = accounts.filter(({ username, domain }) => !names.has(username) && !domains.has(domain));
    return [...ours, ...strangers.map(unmanaged)];
  },
};

type MadeBelief = AccountBelief & { username: string };

function isMade(belief: AccountBelief): belief is MadeBelief {
  return belief.username !== null && ['active', 'suspended'].includes(belief.status);
}

function differencesOf(belief: MadeBelief, account: Account | undefined, packages: Package[]): Difference[] {
  const { serviceId, username, domain } = belief;
  const about = { key: username, serviceId };
  if (account === undefined) {
    return [{ ...about, kind: 'account.missing', expected: factsOf(belief), actual: null, suggestion: 'look' }];
  }
  const found: Difference[] = [];
  if (domain !== null && account.domain !== '' && account.domain !== domain) {
    const actual = { domain: account.domain, ...(account.externalId && { externalId: account.externalId }) };
    found.push({ ...about, kind: 'account.domain', expected: { domain }, actual, suggestion: 'look' });
  }
  // Under our name stands perhaps somebody else's account: nothing else about it is our business.
  if (!isSameAccount(belief, account)) return found;
  const state = belief.status === 'suspended' ? 'suspended' : 'active';
  if (account.state !== state) {
    const expected = { state };
    const actual = { state: account.state, ...(account.suspendReason && { reason: account.suspendReason }) };
    found.push({ ...about, kind: 'account.suspension', expected, actual, suggestion: 'repair' });
  }
  if (account.package !== undefined && !isPackage(belief.package, account.package, packages)) {
    const [expected, actual] = [{ package: belief.package }, { package: account.package }];
    found.push({ ...about, kind: 'account.package', expected, actual, suggestion: 'repair' });
  }
  return found;
}

function factsOf({ username, domain, package: name, status }: MadeBelief): Facts {
  return { username, ...(domain !== null && { domain }), package: name, state: status };
}

function unmanaged({ username, domain, package: name, email, state }: Account): Difference {
  const actual = { username, domain, state, ...(name && { package: name }), ...(email && { email }) };
  return { kind: 'account.unmanaged', key: username, expected: null, actual, suggestion: 'adopt' };
}
