import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  findPort,
  guardAdapter,
  isPortError,
  loadPlugins,
  makeAdapter,
  type PluginManifest,
  type PortErrorCode,
  probeContext,
  validateSettings,
} from '@keelson/core';
import type { Simulator, StartSimulator } from '@keelson/testing/simulator';
import { foldersIn, root } from '../repository/repository.js';

type Methods = Record<string, (...args: unknown[]) => Promise<unknown>>;

/** A call that reads, for ports without `testConnection`. */
const reads: Readonly<Record<string, (adapter: Methods) => Promise<unknown>>> = {
  dns: (adapter) => adapter['findZone']!('absent.example'),
};
const read = (port: string, adapter: Methods) => reads[port]?.(adapter) ?? adapter['testConnection']!();

/** Codes after which the engine goes on by itself. */
const passing: readonly PortErrorCode[] = ['rate-limited', 'unavailable'];

describe.each(foldersIn('plugins'))('the simulator of %s', (id) => {
  const running: Simulator[] = [];
  let manifest: PluginManifest;
  let start: StartSimulator;

  beforeAll(async () => {
    const plugins = await loadPlugins({
      enabled: [id],
      pluginsFolder: join(root, 'plugins'),
      searchFrom: [root],
    });
    ({ manifest } = plugins.get(id));
    const file = pathToFileURL(join(root, 'plugins', id, 'simulator', 'index.ts')).href;
    ({ startSimulator: start } = (await import(file)) as { startSimulator: StartSimulator });
  });
  afterAll(() => Promise.all(running.map((simulator) => simulator.stop())));

  /** A fresh simulator, and one reading call through each adapter of the plugin. */
  async function open(options: Parameters<StartSimulator>[0] = {}) {
    const simulator = await start(options);
    running.push(simulator);
    const checked = validateSettings(manifest.settings, simulator.settings);
    if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
    const context = probeContext('under test');
    const calls = manifest.adapters.map((offer) => {
      const adapter = makeAdapter(offer, checked.settings, context);
      const port = findPort(offer.port)!;
      const guarded = guardAdapter(adapter, { port, capabilities: offer.capabilities, connection: 'under test' });
      return () => read(offer.port, guarded as Methods);
    });
    return { simulator, calls };
  }

  it('is reached with its own settings, and writes every call down with the time it took', async () => {
    const { simulator, calls } = await open();
    expect(simulator.plugin).toBe(id);
    for (const call of calls) {
      simulator.ledger.clear();
      await call();
      const entries = simulator.ledger.entries();
      expect(entries.length).toBeGreaterThan(0);
      for (const entry of entries)
        expect(entry).toMatchObject({ tookMs: expect.any(Number), outcome: expect.stringMatching(/./) });
    }
  });

  it('fails when it is told to, and works again when the fault is cleared', async () => {
    const { simulator, calls } = await open();
    for (const call of calls) {
      simulator.faults.set({ kind: 'unavailable' });
      await expect(call()).rejects.toMatchObject({ code: 'unavailable' });
      simulator.faults.clear();
      await call();
    }
  });

  it('fails now and then on a bad day, and never for good', async () => {
    const { calls } = await open({ badDay: 11 });
    const codes: string[] = [];
    for (let round = 0; round < 120; round += 1) {
      for (const call of calls) {
        await call().catch((thrown: unknown) => codes.push(isPortError(thrown) ? thrown.code : String(thrown)));
      }
    }
    expect(codes.length).toBeGreaterThan(0);
    expect(codes.filter((code) => !passing.includes(code as PortErrorCode))).toEqual([]);
  }, 120_000);
});
