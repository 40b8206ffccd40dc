import { describe, expect, it } from '@jest/globals';
import type { DomainRegistrationSpec, RegistrantContact, RegistrarPort } from '@keelson/core';
import { memoryRegistrarCapabilities, MemoryRegistrarAdapter } from '../memory/memory-registrar.adapter.js';
import { MemoryRegistrar } from '../memory/memory-registrar.js';
import { failingCases } from './conformance-cases.js';
import { describeRegistrarAdapter, registrarCases, type RegistrarEnvironment } from './registrar.conformance.js';

type Change = (adapter: MemoryRegistrarAdapter) => Partial<Record<keyof MemoryRegistrarAdapter, unknown>>;

const methods = { registration: 'registerDomain', renewal: 'renewDomain', transfer: 'startTransfer' } as const;

/** The memory adapter as an environment, with some of its methods replaced. */
async function start(change: Change = () => ({})): Promise<RegistrarEnvironment> {
  const registrar = new MemoryRegistrar();
  const broken = (adapter: MemoryRegistrarAdapter): RegistrarPort => {
    const { registrar: _registrar, ...replaced } = change(adapter);
    return Object.assign(Object.create(adapter) as MemoryRegistrarAdapter, replaced);
  };
  return {
    adapter: broken(new MemoryRegistrarAdapter(registrar)),
    withWrongCredentials: broken(new MemoryRegistrarAdapter(registrar, 'refused')),
    capabilities: memoryRegistrarCapabilities,
    ending: 'example',
    vendor: {
      registerElsewhere: async (domain, authCode) => void registrar.foreign.set(domain, authCode),
      makePremium: async (domain, price) => void registrar.premium.set(domain, price),
      setBalance: async (amount) => void (registrar.balance = amount),
      payments: async () => registrar.payments.length,
      finishTransfers: async () => registrar.finishTransfers(),
      expire: async (domain, state) => void Object.assign(registrar.domains.get(domain) ?? {}, { state }),
      loseNextAnswer: (order) => registrar.calls.loseNextAnswer(methods[order]),
      slowDown: (delayMs) => registrar.calls.set({ delayMs }),
    },
    secrets: ['no secret is ever given to a memory'],
    stop: async () => undefined,
  };
}

describeRegistrarAdapter('memory', memoryRegistrarCapabilities, () => start());

describe('the suite of the registrar port catches', () => {
  const failing = (change: Change) => failingCases(registrarCases(memoryRegistrarCapabilities), () => start(change));

  it('an adapter with a method of a capability that it does not declare', async () => {
    const capabilities = memoryRegistrarCapabilities.filter((capability) => capability !== 'restore');
    const failed = await failingCases(registrarCases(capabilities), async () => ({ ...(await start()), capabilities }));
    expect(failed).toEqual(['has the methods of the port and of the capabilities it declares, and of no others']);
  });

  it("an adapter that buys what is somebody else's", async () => {
    const greedy: Change = (adapter) => ({
      registerDomain: async (spec: DomainRegistrationSpec) => {
        if ((await adapter.findDomain(spec.domain)) === undefined) adapter.registrar.foreign.delete(spec.domain);
        return adapter.registerDomain(spec);
      },
    });
    expect(await failing(greedy)).toEqual(["reports somebody else's domain as already-exists, and pays nothing"]);
  });

  it('a renewal that takes a later expiry for the right one', async () => {
    const lenient: Change = (adapter) => ({
      renewDomain: async (domain: string, years: number, expiry: Date) => {
        const held = await adapter.findDomain(domain);
        return adapter.renewDomain(
          domain,
          years,
          held !== undefined && expiry > held.expiresAt ? held.expiresAt : expiry,
        );
      },
    });
    expect(await failing(lenient)).toEqual([
      'refuses to renew from another expiry as wrong-state, so that a repetition pays nothing',
    ]);
  });

  it('a transfer that is paid again when its auth code was wrong', async () => {
    const spendthrift: Change = (adapter) => ({
      startTransfer: async (domain: string, code: string, contact: RegistrantContact) => {
        const { transfers } = adapter.registrar;
        if (transfers.get(domain)?.failure !== undefined) transfers.delete(domain);
        return adapter.startTransfer(domain, code, contact);
      },
    });
    expect(await failing(spendthrift)).toEqual([
      'ends a transfer with a wrong auth code as failed, and takes it up with the right one without paying again',
    ]);
  });

  it('an adapter that lists only the first page', async () => {
    const shortSighted: Change = (adapter) => ({
      listDomains: async () => ({ items: (await adapter.listDomains()).items }),
    });
    expect(await failing(shortSighted)).toEqual(['lists every domain exactly once, with its expiry']);
  });
});
