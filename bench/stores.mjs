import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { migrate, startEmbeddedPostgres } from '@keelson/database';
import { runQueueMigrations } from '@keelson/queue';
import { freePort, startProgram } from './measure.mjs';

/** A folder and what runs in it, for one measurement; `close` stops and removes all of it, last first. */
export class Stores {
  #stops = [];

  constructor() {
    this.home = mkdtempSync(join(tmpdir(), 'keelson-bench-'));
    this.#stops.push(() => rmSync(this.home, { recursive: true, force: true }));
  }

  /** Has something stopped before what is there already. */
  onClose(stop) {
    this.#stops.push(stop);
  }

  /** A Postgres of our own with the tables of this version. Returns its address. */
  async postgres() {
    const postgres = await startEmbeddedPostgres({ home: this.home });
    this.onClose(() => postgres.stop());
    await migrate(postgres.url);
    await runQueueMigrations(postgres.url);
    return postgres.url;
  }

  /**
   * A Redis of our own. `durable`: it answers when the disk has it, as Postgres does; otherwise nothing is ever on disk.
   * Returns its address.
   */
  async redis({ durable }) {
    const port = await freePort();
    const disk = durable ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no'];
    const redis = startProgram('redis-server', [
      ...['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', this.home],
      ...['--maxmemory-policy', 'noeviction', ...disk],
    ]);
    this.onClose(() => redis.stop());
    for (let tries = 0; !redis.text().includes('Ready to accept'); tries += 1) {
      if (tries >= 400) throw new Error(`redis-server does not start:\n${redis.text()}`);
      await sleep(25);
    }
    return `redis://127.0.0.1:${port}`;
  }

  async close() {
    for (const stop of this.#stops.splice(0).reverse()) await stop();
  }
}
