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
    const get = async (name: string): Promise<string | undefined> => {
      const [row] = await this.dataSource.query<{ value: string }[]>(
        'SELECT value FROM connection_states WHERE connection_id = $1 AND name = $2',
        [connectionId, name],
      );
      return row === undefined ? undefined : this.keyring.decrypt(row.value, placeOf(name));
    };
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
    };
  }
}
