import { setTimeout as sleep } from 'node:timers/promises';
import {
  currentCall,
  dnsPort,
  guardAdapter,
  mailboxPort,
  mailPort,
  provisionerPort,
  registrarPort,
} from '@keelson/core';
import { newId } from '@keelson/database';
import * as memory from '@keelson/testing/memory';

/**
 * Vendors in this process. A call that changes something takes a fixed time, one that reads takes none; what every step waited for is kept.
 * Each port has a connection of its own, with a limit where one is given.
 */
export class SlowVendors {
  latencyMs = 0;
  /** Calls that changed something, as `{ port, startedAt }`, by the id of their step. */
  calls = new Map();
  #bound = new Map();

  /** @param {import('typeorm').DataSource} dataSource @param {number} [concurrency] calls at a time that each connection allows */
  async connect(dataSource, concurrency) {
    const panel = new memory.MemoryHostingServer();
    const vendors = [
      [provisionerPort, new memory.MemoryProvisionerAdapter(panel), memory.memoryProvisionerCapabilities],
      [dnsPort, new memory.MemoryDnsAdapter(new memory.MemoryNameServer()), memory.memoryDnsCapabilities],
      [
        mailboxPort,
        new memory.MemoryMailboxAdapter(new memory.MemoryMailboxServer()),
        memory.memoryMailboxCapabilities,
      ],
      [mailPort, new memory.MemoryMailAdapter(), []],
      [registrarPort, new memory.MemoryRegistrarAdapter(new memory.MemoryRegistrar()), []],
    ];
    for (const [port, adapter, capabilities] of vendors) {
      const connectionId = newId();
      const connection = `slow ${port.id}`;
      await dataSource.query(
        `INSERT INTO connections (id, name, plugin, settings, secrets, source) VALUES ($1, $2, 'memory', '{}', '', 'config')`,
        [connectionId, connection],
      );
      if (concurrency !== undefined) {
        await dataSource.query('INSERT INTO connection_gates (connection_id, concurrency) VALUES ($1, $2)', [
          connectionId,
          concurrency,
        ]);
      }
      const guarded = guardAdapter(this.#slow(port, adapter), { port, capabilities, connection });
      this.#bound.set(port.id, { adapter: guarded, connectionId, connection });
    }
    await dataSource.query(`INSERT INTO servers (id, name, connection_id, capacity) VALUES ($1, 'web1', $2, 1000000)`, [
      newId(),
      this.#bound.get(provisionerPort.id).connectionId,
    ]);
  }

  find = async (port) => this.#bound.get(port.id);

  at = async (port) => this.#bound.get(port.id).adapter;

  #slow(port, adapter) {
    return new Proxy(adapter, {
      get: (target, name) => {
        const method = target[name];
        if (typeof method !== 'function') return method;
        if (port.reads.includes(name)) return method.bind(target);
        return async (...given) => {
          const step = currentCall().idempotencyKey;
          this.calls.set(step, [...(this.calls.get(step) ?? []), { port: port.id, startedAt: performance.now() }]);
          await sleep(this.latencyMs);
          return method.apply(target, given);
        };
      },
    });
  }
}
