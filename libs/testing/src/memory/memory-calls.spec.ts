import { describe, expect, it } from '@jest/globals';
import { PortError, runCall } from '@keelson/core';
import { MemoryCalls } from './memory-calls.js';
import { MemoryHostingServer } from './memory-hosting-server.js';
import { MemoryProvisionerAdapter } from './memory-provisioner.adapter.js';

const spec = {
  username: 'demo01',
  domain: 'demo.example',
  package: 'starter',
  email: 'a@customer.example',
  password: 'S3cure-and-l0ng',
  externalId: 'srv_1',
};

describe('the faults of a memory adapter', () => {
  it('hit one method, one subject and so many calls', async () => {
    const calls = new MemoryCalls();
    calls.set({ method: 'act', subject: 'a', times: 1, error: new PortError('unavailable', 'later') });
    await expect(calls.run('read', 'a', () => 1)).resolves.toBe(1);
    await expect(calls.run('act', 'b', () => 2)).resolves.toBe(2);
    await expect(calls.run('act', 'a', () => 3)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(calls.run('act', 'a', () => 4)).resolves.toBe(4);
  });

  it('keep the vendor from acting, or spoil only its answer', async () => {
    const server = new MemoryHostingServer();
    const adapter = new MemoryProvisionerAdapter(server);
    server.calls.set({ times: 1, error: 'thrown as it is' });
    await expect(adapter.ensureAccount(spec)).rejects.toBe('thrown as it is');
    expect(server.accounts.size).toBe(0);
    server.calls.loseNextAnswer('ensureAccount');
    await expect(adapter.ensureAccount(spec)).rejects.toMatchObject({ code: 'outcome-unknown' });
    expect(server.accounts.size).toBe(1);
    expect(server.calls.ledger.entries().map(({ outcome, changed }) => [outcome, changed])).toEqual([
      ['dropped', false],
      ['outcome-unknown', true],
    ]);
  });

  it('end with the abort signal, and say whether the vendor acted', async () => {
    const calls = new MemoryCalls();
    for (const [when, code] of [
      ['before', 'unavailable'],
      ['after', 'outcome-unknown'],
    ] as const) {
      calls.set({ delayMs: Number.POSITIVE_INFINITY, times: 1, when });
      const cancel = new AbortController();
      const pending = runCall({ signal: cancel.signal }, () => calls.run('act', undefined, () => 1));
      setTimeout(() => cancel.abort(), 10);
      await expect(pending).rejects.toMatchObject({ code });
    }
  });

  it('leave a full server full for every adapter that talks to it', async () => {
    const server = new MemoryHostingServer();
    server.capacity = 1;
    await new MemoryProvisionerAdapter(server).ensureAccount(spec);
    const second = { ...spec, username: 'demo02', domain: 'two.example' };
    await expect(new MemoryProvisionerAdapter(server).ensureAccount(second)).rejects.toMatchObject({
      code: 'invalid-config',
    });
    expect(await new MemoryProvisionerAdapter(server).ensureAccount(spec)).toMatchObject({ username: 'demo01' });
  });
});
