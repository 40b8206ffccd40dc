import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Server } from './server.entity.js';

/** Free places on servers. `servers.used` and `services.server_id` change together or not at all. */
@Injectable()
export class ServerSlots {
  /**
   * Gives the service a slot on the least utilised active, online server of the pool that has one free, in one statement.
   * A service that has a slot keeps it. Returns undefined when no server has room.
   * @param pool a group of servers, or the ids of those that may be taken
   * @param preferred id, number or name of a server of the pool that is taken before all others while it has room
   */
  async take(
    manager: EntityManager,
    serviceId: string,
    pool: string | readonly string[],
    preferred?: string,
  ): Promise<Pick<Server, 'id' | 'name'> | undefined> {
    const first = preferred === undefined ? undefined : await this.tryTake(manager, serviceId, pool, preferred);
    if (first?.server != null) return first.server;
    for (let tries = 0; ; tries += 1) {
      // When every server with room is being changed by someone else, the best of them is waited for.
      const tried = await this.tryTake(manager, serviceId, pool, undefined, tries > 0);
      if (tried?.server != null) return tried.server;
      if (tried === undefined || tried.candidates === 0) return undefined;
    }
  }

  /** One try: on any server that nobody else is changing; or on one alone, or the best, which is waited for. */
  private async tryTake(
    manager: EntityManager,
    serviceId: string,
    pool: string | readonly string[],
    only?: string,
    wait = only !== undefined,
  ): Promise<{ server: Pick<Server, 'id' | 'name'> | null; candidates: number } | undefined> {
    const inPool = typeof pool === 'string' ? 'server_group = $2' : 'id = ANY ($2::uuid[])';
    const wanted = only === undefined ? 'true' : '$3 IN (id::text, number::text, name)';
    const [row] = await manager.query<{ server: Pick<Server, 'id' | 'name'> | null; candidates: number }[]>(
      `WITH service AS (
         SELECT id, server_id FROM services WHERE id = $1 FOR UPDATE
       ), choice AS (
         SELECT id FROM servers
          WHERE ${inPool} AND is_active AND is_online AND used < capacity AND ${wanted}
            AND EXISTS (SELECT 1 FROM service WHERE server_id IS NULL)
          ORDER BY used::float / capacity, used, name
          LIMIT 1 FOR UPDATE ${wait ? '' : 'SKIP LOCKED'}
       ), taken AS (
         UPDATE servers SET used = used + 1, updated_at = now()
          WHERE id = (SELECT id FROM choice) AND used < capacity RETURNING id
       ), assigned AS (
         UPDATE services SET server_id = (SELECT id FROM taken), updated_at = now()
          WHERE id = $1 AND EXISTS (SELECT 1 FROM taken) RETURNING server_id
       )
       SELECT (SELECT jsonb_build_object('id', id, 'name', name) FROM servers
                WHERE id = coalesce((SELECT server_id FROM assigned), (SELECT server_id FROM service))) AS server,
              (SELECT count(*)::int FROM servers WHERE ${inPool} AND is_active AND is_online AND used < capacity) AS candidates`,
      only === undefined ? [serviceId, pool] : [serviceId, pool, only],
    );
    return row;
  }

  /**
   * Counts a service whose account is on the server already, whether the server has room or not: accounts that exist take their
   * places. A service that has a slot keeps it, and false is returned.
   */
  async occupy(manager: EntityManager, serviceId: string, serverId: string): Promise<boolean> {
    const [row] = await manager.query<{ taken: boolean }[]>(
      `WITH assigned AS (
         UPDATE services SET server_id = $2, updated_at = now() WHERE id = $1 AND server_id IS NULL RETURNING id
       ), taken AS (
         UPDATE servers SET used = used + 1, updated_at = now() WHERE id = $2 AND EXISTS (SELECT 1 FROM assigned) RETURNING id
       )
       SELECT EXISTS (SELECT 1 FROM taken) AS taken`,
      [serviceId, serverId],
    );
    return row?.taken === true;
  }

  /** Gives the slot back. A service without one is success. */
  async release(manager: EntityManager, serviceId: string): Promise<void> {
    await manager.query(
      `WITH held AS (SELECT server_id FROM services WHERE id = $1 AND server_id IS NOT NULL FOR UPDATE),
            freed AS (UPDATE services SET server_id = NULL, updated_at = now() WHERE id = $1 AND EXISTS (SELECT 1 FROM held))
       UPDATE servers SET used = used - 1, updated_at = now() WHERE id = (SELECT server_id FROM held)`,
      [serviceId],
    );
  }
}
