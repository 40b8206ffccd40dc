import { newId } from '@keelson/database';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { Server } from './server.entity.js';
import { ServerExistsError } from './server.errors.js';

export interface ServerSpec {
  name: string;
  connectionId: string;
  group?: string;
  hostname?: string;
  region?: string;
  nameservers?: string[];
  capacity: number;
  /** Kept as it is. */
  metadata?: Record<string, unknown>;
}

/** The machines that accounts are made on. */
@Injectable()
export class ServersService {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** Creates the server of that name, or brings its settings up to date. Slots in use are not touched. */
  async put(spec: ServerSpec): Promise<void> {
    await this.dataSource.query(
      `INSERT INTO servers (id, name, connection_id, server_group, hostname, region, nameservers, capacity)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
       ON CONFLICT (name) DO UPDATE SET connection_id = excluded.connection_id, server_group = excluded.server_group,
         hostname = excluded.hostname, region = excluded.region, nameservers = excluded.nameservers,
         capacity = excluded.capacity, updated_at = now()`,
      [
        newId(),
        spec.name,
        spec.connectionId,
        spec.group ?? 'default',
        spec.hostname ?? null,
        spec.region ?? null,
        spec.nameservers ?? [],
        spec.capacity,
      ],
    );
  }

  /**
   * Creates the server in the caller's transaction. Of several at once, one does.
   * @throws ServerExistsError when there is a server of that name
   */
  async create(manager: EntityManager, spec: ServerSpec): Promise<Server> {
    const id = newId();
    const inserted = await manager.query<unknown[]>(
      `INSERT INTO servers (id, name, connection_id, server_group, hostname, region, nameservers, capacity, metadata, checked_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, now()) ON CONFLICT (name) DO NOTHING RETURNING id`,
      [
        id,
        spec.name,
        spec.connectionId,
        spec.group ?? 'default',
        spec.hostname ?? null,
        spec.region ?? null,
        spec.nameservers ?? [],
        spec.capacity,
        spec.metadata ?? {},
      ],
    );
    if (inserted.length === 0) throw new ServerExistsError(spec.name);
    return manager.findOneByOrFail(Server, { id });
  }

  /** Notes whether the server answers. One that does not gets no new accounts. */
  async noteProbe(id: string, isOnline: boolean): Promise<void> {
    await this.dataSource.query('UPDATE servers SET is_online = $2, checked_at = now() WHERE id = $1', [id, isOnline]);
  }

  list(): Promise<Server[]> {
    return this.dataSource.manager.find(Server, { order: { name: 'ASC' } });
  }

  /** The server, or undefined. */
  async find(id: string): Promise<Server | undefined> {
    return (await this.dataSource.manager.findOneBy(Server, { id })) ?? undefined;
  }
}
