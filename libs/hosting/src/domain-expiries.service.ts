import { type AdapterOf, registrarPort } from '@keelson/core';
import { ConnectionsService } from '@keelson/catalogue';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';

export interface ExpirySync {
  /** Names of domains whose expiry or state we had wrong. */
  corrected: string[];
  /** Names that we believe to be in the account and that are not. Nothing was changed for them: a person looks. */
  missing: string[];
}

interface HeldDomain {
  id: string;
  name: string;
}

/** More corrections than this in one statement are split. */
const batch = 500;

/** Learns from registrars when domains expire. */
@Injectable()
export class DomainExpiries {
  private readonly logger = new Logger(DomainExpiries.name);

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    @Inject(ConnectionsService) private readonly connections: Pick<ConnectionsService, 'adapterFor'>,
  ) {}

  /**
   * Brings the expiry of every domain of every registrar connection up to date, and says what was wrong. May be repeated at any
   * time; spends nothing and takes nothing away. A connection that fails is told in the log, and the others are done.
   */
  async sync(): Promise<ExpirySync> {
    return this.syncClaimed(await this.claim('true'));
  }

  /** `sync` for what was not asked about for a day. Of any number of workers that call it at once, each domain is asked about by one. */
  async syncDue(): Promise<ExpirySync> {
    return this.syncClaimed(await this.claim(`synced_at IS NULL OR synced_at < now() - interval '1 day'`));
  }

  /** Marks domains as being asked about. Returns the connections that hold them. */
  private async claim(due: string): Promise<string[]> {
    const [rows] = await this.dataSource.query<[{ id: string }[], number]>(
      `UPDATE domains SET synced_at = now()
        WHERE connection_id IS NOT NULL AND status IN ('active', 'expired') AND (${due}) RETURNING connection_id AS id`,
    );
    return [...new Set(rows.map(({ id }) => id))];
  }

  private async syncClaimed(connectionIds: readonly string[]): Promise<ExpirySync> {
    const all: ExpirySync = { corrected: [], missing: [] };
    for (const id of connectionIds) {
      try {
        const registrar = await this.connections.adapterFor(registrarPort, id);
        const one = await this.syncConnection(id, registrar);
        all.corrected.push(...one.corrected);
        all.missing.push(...one.missing);
      } catch (thrown) {
        await this.dataSource.query(
          `UPDATE domains SET synced_at = now() - interval '23 hours' WHERE connection_id = $1`,
          [id],
        );
        this.logger.warn(
          `the expiries of connection ${id} could not be read, tried again in an hour: ${String(thrown)}`,
        );
      }
    }
    return all;
  }

  /** `sync` for the domains of one connection. @throws PortError when the registrar cannot be read to the end */
  async syncConnection(connectionId: string, registrar: AdapterOf<typeof registrarPort>): Promise<ExpirySync> {
    const listed = await listAll(registrar);
    const held = await this.dataSource.query<HeldDomain[]>(
      `SELECT id, name FROM domains WHERE connection_id = $1 AND status IN ('active', 'expired')`,
      [connectionId],
    );
    const known = held.filter(({ name }) => listed.has(name));
    const corrected: string[] = [];
    for (let start = 0; start < known.length; start += batch) {
      const some = known.slice(start, start + batch);
      corrected.push(...(await this.correct(some, listed)));
    }
    // A list may lag behind a purchase: only what a look for the name does not find either is missing.
    const missing: string[] = [];
    for (const { name } of held.filter(({ name }) => !listed.has(name))) {
      if ((await registrar.findDomain(name)) === undefined) missing.push(name);
    }
    if (missing.length > 0) {
      this.logger.warn(`not in the registrar's account any more, look at them: ${missing.join(', ')}`);
    }
    return { corrected, missing };
  }

  private async correct(domains: readonly HeldDomain[], listed: ReadonlyMap<string, Date>): Promise<string[]> {
    const [rows] = await this.dataSource.query<[{ name: string }[], number]>(
      `UPDATE domains SET expires_at = seen.expires_at, updated_at = now(),
              status = CASE WHEN seen.expires_at <= now() THEN 'expired' ELSE 'active' END
         FROM unnest($1::uuid[], $2::timestamptz[]) AS seen (id, expires_at)
        WHERE domains.id = seen.id AND domains.status IN ('active', 'expired')
          AND (domains.expires_at IS DISTINCT FROM seen.expires_at OR (domains.status = 'expired') <> (seen.expires_at <= now()))
       RETURNING domains.name`,
      [domains.map(({ id }) => id), domains.map(({ name }) => listed.get(name))],
    );
    return rows.map(({ name }) => name);
  }
}

async function listAll(registrar: AdapterOf<typeof registrarPort>): Promise<Map<string, Date>> {
  const listed = new Map<string, Date>();
  let cursor: string | undefined;
  do {
    const page = await registrar.listDomains(cursor);
    for (const { domain, expiresAt } of page.items) listed.set(domain, expiresAt);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return listed;
}
