import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createHttpSimulator, type HttpSimulator } from './http-simulator.js';
import type { LedgerEntry } from './ledger.js';

describe('the ledger of an HTTP simulator', () => {
  let simulator: HttpSimulator;
  afterEach(() => simulator.stop());

  async function start(latencyMs = 0): Promise<string> {
    simulator = createHttpSimulator({ latencyMs });
    simulator.app.post('/things/:id', (request) => {
      request.changed = true;
      request.subject = (request.params as { id: string }).id;
      return {};
    });
    return simulator.listen();
  }

  async function entry(): Promise<LedgerEntry | undefined> {
    for (let tries = 0; tries < 200 && simulator.ledger.entries().length === 0; tries += 1) await sleep(10);
    expect(simulator.ledger.entries().length).toBeLessThan(2);
    return simulator.ledger.entries()[0];
  }

  it('names the route, the subject, the outcome and the time', async () => {
    await fetch(`${await start()}/things/one`, { method: 'POST' });
    expect(await entry()).toMatchObject({
      operation: 'POST /things/:id',
      subject: 'one',
      outcome: '200',
      changed: true,
      tookMs: expect.any(Number),
    });
  });

  it('holds what the vendor did for a caller that went away meanwhile', async () => {
    const url = await start(150);
    const signal = AbortSignal.timeout(50);
    await expect(fetch(`${url}/things/one`, { method: 'POST', signal })).rejects.toThrow();
    expect(await entry()).toMatchObject({ subject: 'one', changed: true });
  });

  it.each([
    ['drop-before', false],
    ['drop-after', true],
    ['html', true],
    ['unavailable', false],
  ] as const)('tells whether the vendor acted before %s', async (kind, changed) => {
    const url = await start();
    simulator.faults.set({ kind });
    await fetch(`${url}/things/one`, { method: 'POST' }).catch(() => undefined);
    expect(await entry()).toMatchObject({ operation: 'POST /things/:id', changed });
  });
});
