/** Session settings under which a data source can be listened to: the server tells the client the plan of everything it ran. */
export const explained = [
  'session_preload_libraries=auto_explain',
  'auto_explain.log_min_duration=-1',
  'auto_explain.log_analyze=on',
  'auto_explain.log_buffers=on',
  'auto_explain.log_format=json',
  'auto_explain.log_nested_statements=on',
  'client_min_messages=log',
]
  .map((setting) => `-c ${setting}`)
  .join(' ');

/** Collects the plans of a data source that has one connection, opened with the settings above. It is the logger of that data source. */
export class Plans {
  #heard;

  log(_level, message) {
    if (this.#heard !== undefined && String(message).includes('plan:')) {
      this.#heard.push(JSON.parse(message.slice(message.indexOf('{'))).Plan);
    }
  }

  logQuery() {}

  logQueryError() {}

  logQuerySlow() {}

  logSchemaBuild() {}

  logMigration() {}

  /** The plans of everything that `work` asks, as they really ran. */
  async of(dataSource, work) {
    await dataSource.query('SET auto_explain.log_min_duration = 0');
    this.#heard = [];
    try {
      await work();
      return this.#heard;
    } finally {
      this.#heard = undefined;
      await dataSource.query('SET auto_explain.log_min_duration = -1');
    }
  }
}

/** Names of the tables with at least so many rows. */
export async function largeTables(dataSource, rows) {
  const found = await dataSource.query(
    `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND reltuples >= $1`,
    [rows],
  );
  return new Set(found.map(({ name }) => name));
}

/** Those of the large tables that the plans read from end to end, in the table or in an index. */
export function readInFull(plans, large, rows) {
  const nodes = plans.flatMap(nodesOf);
  const whole = nodes.filter((node) => {
    if (node['Node Type'] === 'Seq Scan') return true;
    const bare = /^Index (Only )?Scan$/.test(node['Node Type']) && node['Index Cond'] === undefined;
    return bare && node['Actual Rows'] * node['Actual Loops'] >= rows;
  });
  return [...new Set(whole.map((node) => node['Relation Name']).filter((name) => large.has(name)))];
}

/** Blocks of 8 kB that the plans touched, in memory or not. */
export function blocksOf(plans) {
  return plans.reduce((sum, plan) => sum + plan['Shared Hit Blocks'] + plan['Shared Read Blocks'], 0);
}

function nodesOf(plan) {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
}

/** The largest tables with what they and their indexes take. */
export function sizes(dataSource, most) {
  return dataSource.query(
    `SELECT relname AS name, reltuples::bigint AS rows, pg_table_size(oid)::float8 AS table, pg_indexes_size(oid)::float8 AS indexes
       FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND reltuples > 0
      ORDER BY pg_total_relation_size(oid) DESC LIMIT $1`,
    [most],
  );
}
