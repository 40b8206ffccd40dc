import { isDeepStrictEqual } from 'node:util';
import {
  clockToken,
  createAdapter,
  effectiveLimits,
  isPortError,
  Keyring,
  PluginRegistry,
  PortError,
  ports,
  secretsOf,
  validateSettings,
  type AdapterOf,
  type AdapterState,
  type AnyPort,
  type Clock,
  type ConnectionLimits,
  type PortId,
} from '@keelson/core';
import { inTransaction, newId } from '@keelson/database';
import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { BindingsService, type BindingKey } from './bindings.service.js';
import { storeLimits } from './connection-limits.js';
import { ConnectionStates } from './connection-states.service.js';
import { Connection, type ConnectionSource } from './connection.entity.js';
import { ConnectionNotFoundError, ConnectionOwnedError, InvalidConnectionError } from './connection.errors.js';

export interface ConnectionSpec {
  name: string;
  /** Id of an enabled plugin. */
  plugin: string;
  /** Settings as an operator writes them, secrets included. */
  settings: object;
  /** Where it says nothing, the limits of the plugin count. */
  limits?: ConnectionLimits;
}

/** What became of a test, per port that the connection speaks. */
export interface ConnectionTest {
  ok: boolean;
  ports: { port: string; ok: boolean; /** Safe to show an operator. */ message?: string }[];
}

/** A row with its secrets, which never leaves this file. */
type SealedConnection = Pick<Connection, 'id' | 'name' | 'plugin' | 'settings' | 'secrets' | 'status'> & {
  version: string;
};

/** The configured accounts at vendors, and the live adapters that talk to them. */
@Injectable()
export class ConnectionsService {
  private readonly live = new Map<string, { version: string; adapter: unknown }>();

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly registry: PluginRegistry,
    private readonly keyring: Keyring,
    @Inject(clockToken) private readonly clock: Clock,
    private readonly states: ConnectionStates,
    private readonly bindings: BindingsService,
  ) {}

  /** All connections by name, without secrets. */
  list(): Promise<Connection[]> {
    return this.dataSource.manager.find(Connection, { order: { name: 'ASC' } });
  }

  /** The connection of that id, without secrets. */
  async find(id: string): Promise<Connection | undefined> {
    return (await this.dataSource.manager.findOneBy(Connection, { id })) ?? undefined;
  }

  /** The connection of that name, without secrets. */
  async findByName(name: string): Promise<Connection | undefined> {
    return (await this.dataSource.manager.findOneBy(Connection, { name })) ?? undefined;
  }

  /**
   * Stores the connection under its name: makes it, or brings it to these settings. Secrets are encrypted again only when
   * they differ from what is stored. Repeating it changes nothing. Returns the row without secrets.
   * @throws PluginError when the plugin is not enabled
   * @throws InvalidConnectionError when its settings class refuses the settings
   * @throws ConnectionOwnedError when the connection of that name has the other source
   * @throws EnvelopeError when what is stored does not open with the present key; it is not replaced then
   */
  put(spec: ConnectionSpec, source: ConnectionSource = 'admin'): Promise<Connection> {
    return inTransaction(this.dataSource, (manager) => this.putIn(manager, spec, source));
  }

  /** `put` in the caller's transaction. */
  async putIn(manager: EntityManager, spec: ConnectionSpec, source: ConnectionSource): Promise<Connection> {
    const { plain, secret } = this.check(spec);
    const id = newId();
    await manager.query(
      `INSERT INTO connections (id, name, plugin, settings, secrets, source) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (name) DO NOTHING`,
      [id, spec.name, spec.plugin, plain, this.seal(id, secret), source],
    );
    const stored = await manager
      .createQueryBuilder(Connection, 'connection')
      .addSelect('connection.secrets')
      .where({ name: spec.name })
      .setLock('pessimistic_write')
      .getOneOrFail();
    if (stored.source !== source) throw new ConnectionOwnedError(spec.name, stored.source);
    const sameSecrets = isDeepStrictEqual(this.open(stored), secret);
    const same =
      sameSecrets &&
      stored.plugin === spec.plugin &&
      stored.status === 'enabled' &&
      isDeepStrictEqual(stored.settings, plain);
    if (!same) {
      await manager.query(
        `UPDATE connections SET plugin = $2, settings = $3, secrets = $4, status = 'enabled', updated_at = now() WHERE id = $1`,
        [stored.id, spec.plugin, plain, sameSecrets ? stored.secrets : this.seal(stored.id, secret)],
      );
    }
    const { manifest } = this.registry.get(spec.plugin);
    await storeLimits(manager, stored.id, effectiveLimits(spec.limits, manifest.limits));
    return manager.findOneByOrFail(Connection, { id: stored.id });
  }

  /**
   * Asks the vendor whether the connection works, for every port it speaks, and remembers the outcome.
   * @throws ConnectionNotFoundError
   */
  async test(id: string): Promise<ConnectionTest> {
    const connection = await this.find(id);
    if (connection === undefined) throw new ConnectionNotFoundError();
    const spoken = this.registry.find(connection.plugin)?.manifest.adapters.map((offer) => offer.port) ?? [];
    const ports = await Promise.all(spoken.map(async (port) => ({ port, ...(await this.probe(port, id)) })));
    const failures = ports.flatMap(({ port, message }) => (message === undefined ? [] : `${port}: ${message}`));
    if (spoken.length === 0) failures.push(`the plugin ${connection.plugin} is not enabled`);
    await this.dataSource.query('UPDATE connections SET last_tested_at = $2, last_error = $3 WHERE id = $1', [
      id,
      this.clock.now(),
      failures.join('; ') || null,
    ]);
    return { ok: failures.length === 0, ports };
  }

  /**
   * Asks the vendor whether these settings work, for every port that the plugin speaks. Stores nothing. Settings that the plugin
   * refuses are an answer too, and so is a plugin that is not enabled.
   */
  async tryOut(spec: ConnectionSpec): Promise<ConnectionTest> {
    const loaded = this.registry.find(spec.plugin);
    if (loaded === undefined) {
      const message = `the plugin ${spec.plugin} is not enabled: add it to plugins in the configuration`;
      return { ok: false, ports: [{ port: 'settings', ok: false, message }] };
    }
    const checked = validateSettings(loaded.manifest.settings, spec.settings);
    if (!checked.ok) {
      const { message } = new InvalidConnectionError(spec.name, checked.problems);
      return { ok: false, ports: [{ port: 'settings', ok: false, message }] };
    }
    const connection = { name: spec.name, plugin: spec.plugin, settings: checked.settings };
    const outcomes = await Promise.all(
      loaded.manifest.adapters.map(async ({ port }) => {
        const state = passingState();
        const make = () =>
          createAdapter(this.registry, connection, ports[port as PortId], {
            clock: this.clock,
            state,
            findAdapter: () => Promise.resolve(undefined),
          });
        return { port, ...(await outcomeOf(() => make().testConnection())) };
      }),
    );
    return { ok: outcomes.every(({ ok }) => ok), ports: outcomes };
  }

  /**
   * The live, guarded adapter of the connection. One object serves all calls of this process until the row changes.
   * @param key what the order is for, where the adapter asks for other ports of the same product
   * @throws PortError `invalid-config` when the connection is gone or disabled, its plugin is not enabled or does not speak
   *   the port, or its secrets do not open: work waits until an operator has put it right
   */
  async adapterFor<P extends AnyPort>(port: P, connectionId: string, key: BindingKey = {}): Promise<AdapterOf<P>> {
    const [row] = await this.dataSource.query<SealedConnection[]>(
      'SELECT id, name, plugin, settings, secrets, status, updated_at::text AS version FROM connections WHERE id = $1',
      [connectionId],
    );
    if (row === undefined) throw unusable('the connection no longer exists');
    if (row.status !== 'enabled') throw unusable(`the connection ${row.name} is disabled`);
    const place = [port.id, connectionId, key.productId ?? '', key.productType ?? ''].join(' ');
    const known = this.live.get(place);
    if (known?.version === row.version) return known.adapter as AdapterOf<P>;
    const adapter = this.makeAdapter(port, row, key);
    this.live.set(place, { version: row.version, adapter });
    return adapter;
  }

  private makeAdapter<P extends AnyPort>(port: P, row: SealedConnection, key: BindingKey): AdapterOf<P> {
    try {
      const { manifest } = this.registry.get(row.plugin);
      const checked = validateSettings(manifest.settings, { ...row.settings, ...this.open(row) });
      if (!checked.ok) throw new InvalidConnectionError(row.name, checked.problems);
      return createAdapter(this.registry, { name: row.name, plugin: row.plugin, settings: checked.settings }, port, {
        clock: this.clock,
        state: this.states.of(row.id),
        findAdapter: async (other) => {
          const [bound] = await this.bindings.connectionsFor(other.id as PortId, key);
          return bound === undefined ? undefined : this.adapterFor(other, bound.id, key);
        },
      });
    } catch (cause) {
      throw unusable(cause instanceof Error ? cause.message : String(cause), cause);
    }
  }

  private async probe(port: string, id: string): Promise<{ ok: boolean; message?: string }> {
    return outcomeOf(async () => (await this.adapterFor(ports[port as PortId], id)).testConnection());
  }

  private check(spec: ConnectionSpec): { plain: Record<string, unknown>; secret: Record<string, unknown> } {
    const { manifest } = this.registry.get(spec.plugin);
    const checked = validateSettings(manifest.settings, spec.settings);
    if (!checked.ok) throw new InvalidConnectionError(spec.name, checked.problems);
    const all = JSON.parse(JSON.stringify(checked.settings)) as Record<string, unknown>;
    const isSecret = new Set(secretsOf(manifest.settings));
    const part = (secret: boolean) =>
      Object.fromEntries(Object.entries(all).filter(([name]) => isSecret.has(name) === secret));
    return { plain: part(false), secret: part(true) };
  }

  private seal(id: string, secret: Record<string, unknown>): string {
    return this.keyring.encrypt(JSON.stringify(secret), placeOf(id));
  }

  private open(row: { id: string; secrets: string }): Record<string, unknown> {
    return JSON.parse(this.keyring.decrypt(row.secrets, placeOf(row.id))) as Record<string, unknown>;
  }
}

function placeOf(id: string) {
  return { table: 'connections', column: 'secrets', id };
}

function unusable(why: string, cause?: unknown): PortError {
  return new PortError('invalid-config', 'The provider is not set up correctly; the operator has to put it right.', {
    details: { vendor: { message: why.slice(0, 300) } },
    cause,
  });
}

async function outcomeOf(test: () => Promise<void>): Promise<{ ok: boolean; message?: string }> {
  try {
    await test();
    return { ok: true };
  } catch (error) {
    if (!isPortError(error)) throw error;
    return { ok: false, message: error.details.vendor?.message ?? error.message };
  }
}

/** State of a connection that is not kept. */
function passingState(): AdapterState {
  const values = new Map<string, string>();
  return {
    get: (name) => Promise.resolve(values.get(name)),
    put: (name, value) => Promise.resolve(void values.set(name, value)),
    replace: (name, before, value) => {
      if (values.get(name) !== before) return Promise.resolve(false);
      values.set(name, value);
      return Promise.resolve(true);
    },
    putIfAbsent: (name, value) => {
      if (!values.has(name)) values.set(name, value);
      return Promise.resolve(values.get(name) ?? value);
    },
  };
}
