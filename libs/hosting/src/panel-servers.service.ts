import { type Connection, ConnectionsService } from '@keelson/catalogue';
import { isPortError, provisionerPort } from '@keelson/core';
import { inTransaction } from '@keelson/database';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import type { Server } from './server.entity.js';
import { ServerExistsError, ServerRefusedError } from './server.errors.js';
import { ServersService } from './servers.service.js';

export interface PanelServerSpec {
  /** Of the server, and of its connection. */
  name: string;
  plugin: string;
  /** Of the connection, secrets included. */
  settings: object;
  capacity: number;
  group: string;
  region?: string;
  metadata?: Record<string, unknown>;
}

/** A server and the account at its vendor, without secrets. */
export interface PanelServer {
  server: Server;
  connection: Connection;
}

/** Servers whose panel is reached through one plugin, each with a connection of its own. */
@Injectable()
export class PanelServers {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly connections: ConnectionsService,
    private readonly servers: ServersService,
  ) {}

  /** Why these settings do not work, for operators; undefined when they do. Stores nothing. */
  async refusalOf(spec: Pick<PanelServerSpec, 'name' | 'plugin' | 'settings'>): Promise<string | undefined> {
    const { ok, ports } = await this.connections.tryOut(spec);
    return ok ? undefined : ports.flatMap(({ message }) => message ?? []).join('; ');
  }

  /**
   * Adds a server that answers. Connection and server are stored together or not at all.
   * @throws ServerExistsError when a server or a connection has the name
   * @throws ServerRefusedError when the panel does not answer, or not with these credentials
   */
  async add(spec: PanelServerSpec): Promise<PanelServer> {
    const { name, plugin, settings } = spec;
    await this.refuseTaken(name);
    const refusal = await this.refusalOf(spec);
    if (refusal !== undefined) throw new ServerRefusedError(`Failed to connect to the server: ${refusal}`);
    return inTransaction(this.dataSource, async (manager) => {
      await manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`server ${name}`]);
      await this.refuseTaken(name);
      const connection = await this.connections.putIn(manager, { name, plugin, settings }, 'admin');
      return { server: await this.servers.create(manager, { ...spec, connectionId: connection.id }), connection };
    });
  }

  /** All of the plugin, whoever added them, by name. */
  async list(plugin: string): Promise<PanelServer[]> {
    const connections = new Map((await this.connections.list()).map((connection) => [connection.id, connection]));
    return (await this.servers.list()).flatMap((server) => {
      const connection = connections.get(server.connectionId);
      return connection?.plugin === plugin ? [{ server, connection }] : [];
    });
  }

  /** `list`, each asked now whether it answers; what they say is remembered. */
  async probe(plugin: string): Promise<PanelServer[]> {
    const panels = await this.list(plugin);
    return Promise.all(
      panels.map(async ({ server, connection }) => {
        const isOnline = await this.isOnline(connection.id);
        await this.servers.noteProbe(server.id, isOnline);
        return { server: Object.assign(server, { isOnline }), connection };
      }),
    );
  }

  private async isOnline(connectionId: string): Promise<boolean> {
    try {
      await (await this.connections.adapterFor(provisionerPort, connectionId)).testConnection();
      return true;
    } catch (thrown) {
      if (!isPortError(thrown)) throw thrown;
      return false;
    }
  }

  private async refuseTaken(name: string): Promise<void> {
    const servers = await this.servers.list();
    const taken = servers.some((server) => server.name === name) || (await this.connections.findByName(name));
    if (taken) throw new ServerExistsError(name);
  }
}
