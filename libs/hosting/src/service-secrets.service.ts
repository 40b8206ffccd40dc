import { createHash } from 'node:crypto';
import { Keyring, type SecretPlace } from '@keelson/core';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';

/** Passwords of services, encrypted at rest. A name is chosen once and kept, so that a repeated step uses the same password. */
@Injectable()
export class ServiceSecrets {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly keyring: Keyring,
  ) {}

  /** The secret of that name; the first call decides it with `generate`, all later ones return the same. */
  async ensure(serviceId: string, name: string, generate: () => string): Promise<string> {
    const mine = generate();
    const inserted = await this.dataSource.query<unknown[]>(
      'INSERT INTO service_secrets (service_id, name, value) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING name',
      [serviceId, name, this.seal(serviceId, name, mine)],
    );
    return inserted.length > 0 ? mine : ((await this.find(serviceId, name)) as string);
  }

  /** The secret, or undefined. In the caller's transaction where there is one. */
  async find(
    serviceId: string,
    name: string,
    manager: EntityManager = this.dataSource.manager,
  ): Promise<string | undefined> {
    const [row] = await manager.query<{ value: string }[]>(
      'SELECT value FROM service_secrets WHERE service_id = $1 AND name = $2',
      [serviceId, name],
    );
    return row === undefined ? undefined : this.open(serviceId, name, row.value);
  }

  /** Those of the service that there are, by name. */
  async all<Name extends string>(serviceId: string, names: readonly Name[]): Promise<Partial<Record<Name, string>>> {
    const rows = await this.dataSource.query<{ name: Name; value: string }[]>(
      'SELECT name, value FROM service_secrets WHERE service_id = $1 AND name = ANY ($2)',
      [serviceId, names],
    );
    const opened = rows.map(({ name, value }) => [name, this.open(serviceId, name, value)]);
    return Object.fromEntries(opened) as Partial<Record<Name, string>>;
  }

  /** Stores the secret in the caller's transaction, replacing one of the same name. */
  async put(manager: EntityManager, serviceId: string, name: string, value: string): Promise<void> {
    await manager.query(
      `INSERT INTO service_secrets (service_id, name, value) VALUES ($1, $2, $3)
       ON CONFLICT (service_id, name) DO UPDATE SET value = excluded.value`,
      [serviceId, name, this.seal(serviceId, name, value)],
    );
  }

  /** Removes the secret in the caller's transaction. One that is not there is success. */
  async forget(manager: EntityManager, serviceId: string, name: string): Promise<void> {
    await manager.query('DELETE FROM service_secrets WHERE service_id = $1 AND name = $2', [serviceId, name]);
  }

  /** A text that stays the same until the secret is put again, and tells nothing about it. Empty when there is none. */
  async version(serviceId: string, name: string): Promise<string> {
    const [row] = await this.dataSource.query<{ value: string }[]>(
      'SELECT value FROM service_secrets WHERE service_id = $1 AND name = $2',
      [serviceId, name],
    );
    return row === undefined ? '' : createHash('sha256').update(row.value).digest('hex');
  }

  /** Encrypts a value bound to this service and name. */
  seal(serviceId: string, name: string, value: string): string {
    return this.keyring.encrypt(value, placeOf(serviceId, name));
  }

  /** Decrypts what `seal` made for the same service and name. */
  open(serviceId: string, name: string, sealed: string): string {
    return this.keyring.decrypt(sealed, placeOf(serviceId, name));
  }
}

function placeOf(serviceId: string, name: string): SecretPlace {
  return { table: 'service_secrets', column: 'value', id: `${serviceId}:${name}` };
}
