import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { startSimulator, type PostfixDovecotSimulator } from '../simulator/index.js';
import { adapterOf } from './configs.js';

const spec = { address: 'admin@bee.example', password: 'S3cure-and-l0ng', quotaMb: 7 };

let host: PostfixDovecotSimulator;
afterEach(() => host.stop());

describe('the simulated mail host', () => {
  it('writes every statement to its ledger, with how it ended and whether it changed anything', async () => {
    host = await startSimulator();
    const adapter = adapterOf(host);
    await adapter.ensureDomain('bee.example');
    await adapter.ensureDomain('bee.example');
    await adapter.ensureMailbox(spec);
    await adapter.putForwards('to@bee.example', ['a@b.example']);
    await adapter.setQuota(spec.address, 9);
    await adapter.findMailbox(spec.address);
    await adapter.removeMailbox(spec.address);
    await adapter.removeMailbox(spec.address);
    expect(host.ledger.entries().map(({ operation, outcome, changed }) => [operation, outcome, changed])).toEqual([
      ['INSERT mail_domains', 'INSERT 0 1', true],
      ['INSERT mail_domains', 'INSERT 0 0', false],
      ['INSERT mail_boxes', 'INSERT 0 1', true],
      ['DELETE mail_aliases', 'SELECT 1', true],
      ['UPDATE mail_boxes', 'UPDATE 1', true],
      ['SELECT mail_boxes', 'SELECT 1', false],
      ['DELETE mail_boxes', 'DELETE 1', true],
      ['DELETE mail_boxes', 'DELETE 0', false],
    ]);
  });

  it('lists domains, mailboxes and aliases on a page, as text', async () => {
    host = await startSimulator();
    const adapter = adapterOf(host);
    await adapter.ensureDomain('bee.example');
    await adapter.ensureDomain('empty.example');
    await adapter.ensureMailbox(spec);
    await adapter.suspendMailbox(spec.address);
    await adapter.putForwards('to@bee.example', ["o'neil&co@b.example"]);
    const page = await (await fetch(host.endpoints[1]?.url ?? '')).text();
    for (const text of ['admin@bee.example', 'mailbox, suspended, 7 MB', 'o&#39;neil&#38;co', 'empty.example']) {
      expect(page).toContain(text);
    }
  });

  it('takes its time over statements that act, when told to', async () => {
    host = await startSimulator({ latencyMs: 300 });
    const started = performance.now();
    await adapterOf(host).ensureDomain('bee.example');
    expect(performance.now() - started).toBeGreaterThanOrEqual(300);
  });

  it('keeps its tables and its password over a restart, with a folder', async () => {
    const home = mkdtempSync(join(tmpdir(), 'mail-host-'));
    try {
      host = await startSimulator({ home });
      const { password } = new URL(String(host.settings.databaseUrl));
      await adapterOf(host).ensureDomain('bee.example');
      await adapterOf(host).ensureMailbox(spec);
      await host.stop();
      host = await startSimulator({ home });
      expect(new URL(String(host.settings.databaseUrl)).password).toBe(password);
      expect(await adapterOf(host).findMailbox(spec.address)).toMatchObject({ address: spec.address });
      await host.stop();
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  });
});
