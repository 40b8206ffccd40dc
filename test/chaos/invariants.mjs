import { brokenInvariants } from '@keelson/testing/invariants';

/** The calls of each vendor's ledger that make and remove what an order consists of, and the steps that they belong to. */
const kinds = [
  {
    kind: 'account',
    steps: ['create_account'],
    by: 'username',
    plugin: 'cpanel-whm',
    made: 'createacct',
    removed: 'removeacct',
  },
  {
    kind: 'mailbox',
    steps: ['provision_email'],
    by: 'username',
    plugin: 'cpanel-whm',
    made: 'Email::add_pop',
    removed: 'Email::delete_pop',
  },
  {
    kind: 'database',
    steps: ['create_database'],
    by: 'username',
    plugin: 'cpanel-whm',
    made: 'Mysql::create_database',
    removed: 'Mysql::delete_database',
  },
  {
    kind: 'zone',
    steps: ['setup_dns'],
    by: 'domain',
    plugin: 'powerdns',
    made: 'POST /zones',
    removed: 'DELETE /zones/:zone',
  },
  { kind: 'domain', steps: ['register_domain'], by: 'domain', plugin: 'namesilo', made: 'registerDomain', kept: true },
];

/**
 * The five invariants, by the vendors' own ledgers, after the dust has settled; and that no mail arrived more often than its answer was lost.
 * @param {import('./installation.mjs').Installation} installation
 * @returns {Promise<import('@keelson/testing/invariants').Broken>}
 */
export async function checkInvariants(installation) {
  const holdings = kinds.map((kind) => ({ ...kind, counts: countsOf(installation, kind) }));
  const broken = await brokenInvariants((sql) => installation.query(sql), holdings);
  broken.duplicates.push(...(await repeatedMails(installation)));
  return broken;
}

function countsOf(installation, { plugin, made, removed }) {
  const counts = new Map();
  for (const { operation, subject, changed } of installation.simulator(plugin).ledger.entries()) {
    if (!changed || (operation !== made && operation !== removed)) continue;
    counts.set(subject, (counts.get(subject) ?? 0) + (operation === made ? 1 : -1));
  }
  return counts;
}

async function repeatedMails(installation) {
  const inbox = installation.simulator('smtp').endpoints.find(({ name }) => name === 'inbox');
  const messages = await (await fetch(`${new URL(inbox.url).origin}/messages`)).json();
  const byId = new Map();
  for (const { messageId } of messages) byId.set(messageId, (byId.get(messageId) ?? 0) + 1);
  // An answer that was lost allows one repetition with the same Message-ID; receivers show it once.
  return [...byId].filter(([, count]) => count > 2).map(([id, count]) => `mail ${id}: ${count}`);
}
