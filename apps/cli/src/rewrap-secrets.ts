import { EnvelopeError, type Keyring, sealKeyProof } from '@keelson/core';
import type { DataSource } from 'typeorm';

/** Where sealed texts are kept. All parts are SQL expressions over the table. */
interface SealedColumn {
  table: string;
  /** The column that the texts were sealed for. */
  column: string;
  /** The sealed text. */
  sealed: string;
  /** What puts `fresh.sealed` in its place. */
  set: string;
  /** Names one row, as text: the id that the text was sealed for. */
  row: string;
}

const plain = (table: string, column: string, row = 'id::text'): SealedColumn => ({
  table,
  column,
  sealed: column,
  set: `${column} = fresh.sealed`,
  row,
});

/** Every column that a `Keyring` seals for. */
export const sealedColumns: readonly SealedColumn[] = [
  plain('connections', 'secrets'),
  plain('connection_states', 'value', `connection_id::text || ':' || name`),
  plain('service_secrets', 'value', `service_id::text || ':' || name`),
  plain('certificates', 'private_key'),
  plain('licences', 'sealed_key'),
  plain('licence_lookup_keys', 'sealed_key', 'singleton::text'),
  {
    ...plain('checkout_sessions', 'domain_info'),
    sealed: `domain_info ->> 'sealedAuthCode'`,
    set: `domain_info = jsonb_set(domain_info, '{sealedAuthCode}', to_jsonb(fresh.sealed))`,
  },
  {
    ...plain('idempotency_keys', 'response', `scope || ' ' || key`),
    sealed: `response ->> 'sealed'`,
    set: `response = jsonb_set(response, '{sealed}', to_jsonb(fresh.sealed))`,
  },
];

export interface RewrapResult {
  /** Texts that are under the current key now and were not before. */
  rewrapped: number;
  /** Texts that do not open, as `table.column of row: why`. They are left as they are. */
  unreadable: string[];
}

/**
 * Moves every stored secret under the current key, in batches of their own transactions. Repeating it goes on where it was
 * interrupted; what other processes change meanwhile is left to them. When every secret opened, the proof of the key moves too,
 * and the previous key is needed no more.
 */
export async function rewrapSecrets(dataSource: DataSource, keyring: Keyring, batch = 500): Promise<RewrapResult> {
  const result: RewrapResult = { rewrapped: 0, unreadable: [] };
  for (const column of sealedColumns) {
    let last: string | undefined = '';
    while (last !== undefined) last = await rewrapBatch(dataSource, keyring, column, last, batch, result);
  }
  if (result.unreadable.length === 0) {
    await dataSource.query('UPDATE installation SET key_proof = $1', [sealKeyProof(keyring)]);
  }
  return result;
}

/** Returns the last row that it looked at, or undefined when there are no more. */
async function rewrapBatch(
  dataSource: DataSource,
  keyring: Keyring,
  { table, column, sealed, set, row }: SealedColumn,
  after: string,
  batch: number,
  result: RewrapResult,
): Promise<string | undefined> {
  const rows = await dataSource.query<{ which: string; sealed: string }[]>(
    `SELECT ${row} AS which, ${sealed} AS sealed FROM ${table}
      WHERE ${sealed} <> '' AND split_part(${sealed}, '.', 2) <> $1 AND ${row} > $2 ORDER BY 1 LIMIT $3`,
    [keyring.keyId, after, batch],
  );
  const fresh = rows.flatMap((one) => {
    try {
      const text = keyring.rewrap(one.sealed, { table, column, id: one.which });
      return [{ which: one.which, old: one.sealed, sealed: text }];
    } catch (thrown) {
      if (!(thrown instanceof EnvelopeError)) throw thrown;
      result.unreadable.push(`${table}.${column} of ${one.which}: ${thrown.message}`);
      return [];
    }
  });
  const [, changed] = await dataSource.query<[unknown, number]>(
    `UPDATE ${table} SET ${set}
       FROM unnest($1::text[], $2::text[], $3::text[]) AS fresh (which, old, sealed)
      WHERE ${row} = fresh.which AND ${sealed} = fresh.old`,
    [fresh.map((one) => one.which), fresh.map((one) => one.old), fresh.map((one) => one.sealed)],
  );
  result.rewrapped += changed;
  return rows.length < batch ? undefined : rows.at(-1)?.which;
}
