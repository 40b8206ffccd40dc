import { Keyring, type AdapterState } from '@keelson/core';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';

/** What adapters keep with their connection, encrypted at rest. */
@Injectable()
export class ConnectionStates {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly keyring: Keyring,
  ) {}

  /** The state of one connection. Several processes may use it at once. */
  of(connectionId: string): AdapterState {
    const placeOf = (name: string) => ({ table: 'connection_states', column: 'value', id: `${connectionId}:${name}` });
    const seal = (name: string, value: string) => this.keyring.encrypt(value, placeOf(name));
    const read = async (name: string): Promise<{ value?: string; sealed?: string }> => {
      const [row] = await this.dataSource.query<{ value: string }[]>(
        'SELECT value FROM connection_states WHERE connection_id = $1 AND name = $2',
        [connectionId, name],
      );
      return row === undefined ? {} : { value: this.keyring.decrypt(row.value, placeOf(name)), sealed: row.value };
    };
    const get = async (name: string): Promise<string | undefined> => (await read(name)).value;
    return {
      get,
      putIfAbsent: async (name, value) => {
        await this.dataSource.query(
          'INSERT INTO connection_states (connection_id, name, value) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
          [connectionId, name, seal(name, value)],
        );
        return (await get(name)) ?? value;
      },
      put: async (name, value) => {
        await this.dataSource.query(
          `INSERT INTO connection_states (connection_id, name, value) VALUES ($1, $2, $3)
           ON CONFLICT (connection_id, name) DO UPDATE SET value = excluded.value`,
          [connectionId, name, seal(name, value)],
        );
      },
      replace: async (name, before, value) => {
        const { value: present, sealed } = await read(name);
        if (present !== before) return false;
        // No two seals are alike: the sealed text is the row's version.
        const row = [connectionId, name, seal(name, value)];
        const stored =
          sealed === undefined
            ? await this.dataSource.query<unknown[]>(
                `INSERT INTO connection_states (connection_id, name, value) VALUES ($1, $2, $3)
                 ON CONFLICT DO NOTHING RETURNING name`,
                row,
              )
            : await this.dataSource.query<unknown[]>(
                `WITH stored AS (
                   UPDATE connection_states SET value = $3 WHERE connection_id = $1 AND name = $2 AND value = $4 RETURNING name
                 ) SELECT name FROM stored`,
                [...row, sealed],
              );
        return stored.length > 0;
      },
    };
  }
}
