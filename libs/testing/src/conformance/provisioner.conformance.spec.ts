import { describe, expect, it } from '@jest/globals';
import type { ProvisionerPort } from '@keelson/core';
import { MemoryHostingServer } from '../memory/memory-hosting-server.js';
import { memoryProvisionerCapabilities, MemoryProvisionerAdapter } from '../memory/memory-provisioner.adapter.js';
import { failingCases } from './conformance-cases.js';
import {
  describeProvisionerAdapter,
  provisionerCases,
  type ProvisionerEnvironment,
} from './provisioner.conformance.js';

type Change = (adapter: MemoryProvisionerAdapter) => Partial<Record<keyof MemoryProvisionerAdapter, unknown>>;

/** The memory adapter as an environment, with some of its methods replaced. */
async function start(change: Change = () => ({})): Promise<ProvisionerEnvironment> {
  const server = new MemoryHostingServer();
  const broken = (adapter: MemoryProvisionerAdapter): ProvisionerPort => {
    const { server: _server, ...methods } = change(adapter);
    return Object.assign(Object.create(adapter) as MemoryProvisionerAdapter, methods);
  };
  return {
    adapter: broken(new MemoryProvisionerAdapter(server)),
    withWrongCredentials: broken(new MemoryProvisionerAdapter(server, 'refused')),
    capabilities: memoryProvisionerCapabilities,
    packages: ['starter', 'basic'],
    loseNextCreation: () => server.calls.loseNextAnswer('ensureAccount'),
    slowDown: (delayMs) => server.calls.set({ delayMs }),
    secrets: ['no secret is ever given to a memory'],
    stop: async () => undefined,
  };
}

describeProvisionerAdapter('memory', memoryProvisionerCapabilities, () => start());

describe('the suite of the provisioner port catches', () => {
  const failing = (change: Change) =>
    failingCases(provisionerCases(memoryProvisionerCapabilities), () => start(change));

  it('an adapter with methods of a capability that it does not declare', async () => {
    const capabilities = memoryProvisionerCapabilities.filter((capability) => capability !== 'reseller');
    const failed = await failingCases(provisionerCases(capabilities), async () => ({
      ...(await start()),
      capabilities,
    }));
    expect(failed).toEqual(['has the methods of the port and of the capabilities it declares, and of no others']);
  });

  it('an adapter that reports a suspended account as active', async () => {
    const blind: Change = (adapter) => ({
      suspendAccount: async (username: string, reason: string) => {
        await adapter.suspendAccount(username, reason);
        const account = adapter.server.accounts.get(username);
        if (account !== undefined) account.suspendReason = undefined;
      },
    });
    expect(await failing(blind)).toEqual([
      'suspends with a reason and takes it back, each as often as asked, and leaves the neighbour alone',
    ]);
  });

  it('an adapter that takes over accounts of others', async () => {
    const greedy: Change = (adapter) => ({
      ensureAccount: async (...[spec]: Parameters<MemoryProvisionerAdapter['ensureAccount']>) => {
        const existing = adapter.server.accounts.get(spec.username);
        if (existing !== undefined && existing.domain === spec.domain) existing.externalId = spec.externalId;
        return adapter.ensureAccount(spec);
      },
    });
    expect(await failing(greedy)).toEqual([
      'reports names and domains of other accounts as already-exists, and never takes them over',
    ]);
  });

  it('an adapter that lists only the first page', async () => {
    const shortSighted: Change = (adapter) => ({
      listAccounts: async () => ({ items: (await adapter.listAccounts()).items }),
    });
    expect(await failing(shortSighted)).toEqual(['lists every account exactly once']);
  });

  it('an adapter that counts a repeated removal as an error', async () => {
    const strict: Change = (adapter) => ({
      removeAccount: async (username: string) => {
        if (!adapter.server.accounts.has(username)) await adapter.suspendAccount(username, 'gone');
        await adapter.removeAccount(username);
      },
    });
    expect(await failing(strict)).toEqual([
      'removes an account as often as asked, leaves the neighbour alone, and can create it again',
    ]);
  });

  it('an adapter that ignores the abort signal', async () => {
    const deaf: Change = (adapter) => ({
      listAccounts: async () => {
        adapter.server.calls.clear();
        await new Promise((resolve) => setTimeout(resolve, 2_500));
        return adapter.listAccounts();
      },
    });
    const failed = await failingCases(
      provisionerCases([]).filter(({ name }) => name.startsWith('stops at once')),
      () => start(deaf),
    );
    expect(failed).toEqual(['stops at once when the caller gives up, even without the guard']);
  }, 20_000);
});
