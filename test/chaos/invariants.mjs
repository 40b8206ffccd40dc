/** What each step of a hosting order makes at its vendor, and the calls of the vendor's ledger that make and remove it. */
const kinds = [
  { step: 'create_account', plugin: 'cpanel-whm', made: 'createacct', removed: 'removeacct', key: 'username' },
  {
    step: 'provision_email',
    plugin: 'cpanel-whm',
    made: 'Email::add_pop',
    removed: 'Email::delete_pop',
    key: 'username',
  },
  {
    step: 'create_database',
    plugin: 'cpanel-whm',
    made: 'Mysql::create_database',
    removed: 'Mysql::delete_database',
    key: 'username',
  },
  { step: 'setup_dns', plugin: 'powerdns', made: 'POST /zones', removed: 'DELETE /zones/:zone', key: 'domain' },
  { step: 'register_domain', plugin: 'namesilo', made: 'registerDomain', removed: undefined, key: 'domain' },
];

/**
 * Compares what the vendors hold, by their own ledgers, with what the database believes, after the dust has settled:
 * every order has exactly one object of each kind; no object is without an owner; no step succeeded without the vendor's evidence; every
 * service is where it ends or has a due time; slots used are accounts that exist; a message arrived once for each Message-ID.
 * @param {import('./installation.mjs').Installation} installation
 * @returns {Promise<{ duplicates: string[], leaks: string[], unproven: string[], stuck: string[], slots: string[] }>}
 */
export async function checkInvariants(installation) {
  const found = { duplicates: [], leaks: [], unproven: [], stuck: [], slots: [] };
  const services = await installation.query(
    `SELECT s.id, s.username, s.domain, s.status, t.status AS task, t.next_wake_at IS NOT NULL AS scheduled,
            (SELECT coalesce(jsonb_object_agg(p.name, p.state), '{}') FROM provisioning_steps p WHERE p.task_id = t.id) AS steps
       FROM services s
       LEFT JOIN LATERAL (SELECT * FROM provisioning_tasks WHERE service_id = s.id ORDER BY created_at DESC LIMIT 1) t ON true`,
  );
  for (const { step, plugin, made, removed, key } of kinds) {
    const counts = new Map();
    for (const { operation, subject, changed } of installation.simulator(plugin).ledger.entries()) {
      if (!changed || (operation !== made && operation !== removed)) continue;
      const count = counts.get(subject) ?? { made: 0, removed: 0 };
      count[operation === made ? 'made' : 'removed'] += 1;
      counts.set(subject, count);
    }
    const owners = new Map(services.map((service) => [service[key], service]));
    for (const [subject, count] of counts) {
      const there = count.made - count.removed;
      if (there > 1) found.duplicates.push(`${made} of ${subject}: ${there}`);
      const wanted = owners.get(subject)?.steps[step] === 'completed';
      const underWay = ['queued', 'running', 'waiting', 'needs_attention'].includes(owners.get(subject)?.task);
      if (there > 0 && !wanted && !underWay) found.leaks.push(`${made} of ${subject}`);
    }
    for (const service of services) {
      if (service.steps[step] !== 'completed') continue;
      const count = counts.get(service[key]);
      if (count === undefined || count.made <= count.removed) found.unproven.push(`${step} of ${service.domain}`);
    }
  }
  found.duplicates.push(...(await repeatedMails(installation)));
  for (const { domain, status, task, scheduled } of services) {
    const resting = ['active', 'failed', 'cancelled', 'suspended', 'terminated'].includes(status);
    const driven = ['queued', 'running', 'waiting'].includes(task) && scheduled;
    const person = task === 'needs_attention';
    if (!resting && !driven && !person) found.stuck.push(`${domain} is ${status}, its task ${task}`);
  }
  const slots = await installation.query(
    `SELECT v.name, v.used, (SELECT count(*)::int FROM services s WHERE s.server_id = v.id AND s.status NOT IN ('failed', 'cancelled', 'terminated')) AS held
       FROM servers v`,
  );
  for (const { name, used, held } of slots) if (used !== held) found.slots.push(`${name}: ${used} used, ${held} held`);
  return found;
}

async function repeatedMails(installation) {
  const inbox = installation.simulator('smtp').endpoints.find(({ name }) => name === 'inbox');
  const messages = await (await fetch(`${new URL(inbox.url).origin}/messages`)).json();
  const byId = new Map();
  for (const { messageId } of messages) byId.set(messageId, (byId.get(messageId) ?? 0) + 1);
  // An answer that was lost allows one repetition with the same Message-ID; receivers show it once.
  return [...byId].filter(([, count]) => count > 2).map(([id, count]) => `mail ${id}: ${count}`);
}
