import { describe, expect, it } from '@jest/globals';
import type { MailboxPort } from '@keelson/core';
import {
  memoryMailboxCapabilities,
  MemoryMailboxAdapter,
  MemoryMailboxServer,
} from '../memory/memory-mailbox.adapter.js';
import { failingCases } from './conformance-cases.js';
import { describeMailboxAdapter, mailboxCases, type MailboxEnvironment } from './mailbox.conformance.js';

type Change = (
  adapter: MemoryMailboxAdapter,
) => Partial<Record<keyof MailboxPort | 'putForwards' | 'setQuota' | 'removeDomain', unknown>>;

/** The memory adapter as an environment, with some of its methods replaced. */
async function start(change: Change = () => ({})): Promise<MailboxEnvironment> {
  const server = new MemoryMailboxServer(new Set(['one.conformance.example', 'two.conformance.example']));
  const changed = (adapter: MemoryMailboxAdapter): MailboxPort =>
    Object.assign(Object.create(adapter) as MemoryMailboxAdapter, change(adapter));
  return {
    adapter: changed(new MemoryMailboxAdapter(server)),
    withWrongCredentials: changed(new MemoryMailboxAdapter(server, 'refused')),
    capabilities: memoryMailboxCapabilities,
    domains: ['one.conformance.example', 'two.conformance.example'],
    loseNextCreation: () => server.calls.loseNextAnswer('ensureMailbox'),
    slowDown: (delayMs) => server.calls.set({ delayMs }),
    secrets: ['no secret is ever given to a memory'],
    stop: async () => undefined,
  };
}

describeMailboxAdapter('memory', memoryMailboxCapabilities, () => start());

describe('the suite of the mailbox port catches', () => {
  const failing = (change: Change) => failingCases(mailboxCases(memoryMailboxCapabilities), () => start(change));

  it('an adapter with methods of a capability that it does not declare', async () => {
    const capabilities = memoryMailboxCapabilities.filter((capability) => capability !== 'quota');
    const failed = await failingCases(mailboxCases(capabilities), async () => ({ ...(await start()), capabilities }));
    expect(failed).toEqual(['has the methods of the port and of the capabilities it declares, and of no others']);
  });

  it('an adapter that answers an unknown domain with an empty list', async () => {
    const vague: Change = (adapter) => ({
      listMailboxes: async (domain: string) =>
        adapter.server.domains?.has(domain) === true ? adapter.listMailboxes(domain) : [],
    });
    expect(await failing(vague)).toEqual(['reports an unknown domain as not-found when it creates and lists']);
  });

  it('an adapter that adds forwards where it should replace them', async () => {
    const adding: Change = (adapter) => ({
      putForwards: async (address: string, targets: string[]) =>
        adapter.putForwards(
          address,
          targets.length === 0 ? [] : [...(adapter.server.forwards.get(address) ?? []), ...targets],
        ),
    });
    expect(await failing(adding)).toEqual([
      'forwards: makes the forwards of one address exactly so, as often as asked',
    ]);
  });

  it('an adapter that forgets the mailboxes of a domain that it removes', async () => {
    const forgetful: Change = (adapter) => ({
      removeDomain: async (domain: string) => void adapter.server.domains?.delete(domain),
    });
    expect(await failing(forgetful)).toEqual([
      'domains: removes a domain with all it holds, as often as asked, and leaves the neighbour alone',
    ]);
  });

  it('an adapter that changes the quota of a mailbox that exists', async () => {
    const eager: Change = (adapter) => ({
      ensureMailbox: async (...[spec]: Parameters<MailboxPort['ensureMailbox']>) => {
        const existing = adapter.server.mailboxes.get(spec.address);
        if (existing !== undefined && spec.quotaMb !== undefined) existing.quotaMb = spec.quotaMb;
        return adapter.ensureMailbox(spec);
      },
    });
    expect(await failing(eager)).toEqual(['confirms a mailbox that exists, and changes nothing']);
  });
});
