import { describe, expect, it } from '@jest/globals';
import type { CertificateSpec } from '@keelson/core';
import { MemoryAuthority, memorySslCapabilities, MemorySslAdapter } from '../memory/memory-ssl.adapter.js';
import { failingCases } from './conformance-cases.js';
import { describeSslAdapter, sslCases, type SslEnvironment } from './ssl.conformance.js';

type Change = (adapter: MemorySslAdapter) => Partial<Record<keyof MemorySslAdapter, unknown>>;

/** The memory adapter as an environment, with some of its methods replaced. */
async function start(change: Change = () => ({})): Promise<SslEnvironment> {
  const authority = await MemoryAuthority.create();
  const broken = (adapter: MemorySslAdapter): MemorySslAdapter => {
    const { authority: _authority, ...methods } = change(adapter);
    return Object.assign(Object.create(adapter) as MemorySslAdapter, methods);
  };
  return {
    adapter: broken(new MemorySslAdapter(authority)),
    another: () => broken(new MemorySslAdapter(authority)),
    withWrongCredentials: broken(new MemorySslAdapter(authority, 'refused')),
    capabilities: memorySslCapabilities,
    domain: 'conformance.example',
    rootPem: authority.rootPem,
    tellsRenewal: true,
    publish: async (challenges) => authority.publish(challenges),
    wait: async () => undefined,
    countOrders: async () => authority.orders.size,
    secrets: ['no secret is ever given to a memory'],
    stop: async () => undefined,
  };
}

describeSslAdapter('memory', memorySslCapabilities, () => start());

describe('the suite of the ssl port catches', () => {
  const failing = (change: Change) => failingCases(sslCases(memorySslCapabilities), () => start(change));

  it('a flag without its method', async () => {
    expect(await failing(() => ({ getRenewalInfo: undefined }))).toEqual([
      'has the methods of the port and of the capabilities it declares, and of no others',
    ]);
  }, 60_000);

  it('an adapter that takes any order for the one of the reference', async () => {
    const careless: Change = (adapter) => ({
      startCertificate: async (spec: CertificateSpec) => {
        const placed = adapter.authority.orders.get(spec.reference);
        if (placed === undefined || spec.domains.length === 0) return adapter.startCertificate(spec);
        return adapter.startCertificate({ ...spec, domains: placed.names, method: placed.method });
      },
    });
    expect(await failing(careless)).toEqual(['reports another order under the same reference as wrong-state']);
  }, 60_000);

  it('an adapter that forgets what it revoked', async () => {
    const strict: Change = (adapter) => ({
      revokeCertificate: async (pem: string) => {
        const before = [...adapter.authority.certificates.values()].filter((at) => at !== undefined).length;
        await adapter.revokeCertificate(pem);
        const after = [...adapter.authority.certificates.values()].filter((at) => at !== undefined).length;
        if (after === before) throw new Error('revoked already');
      },
    });
    expect(await failing(strict)).toEqual(['revokes a certificate as often as asked']);
  }, 60_000);

  it('an adapter that lets a failed order start again', async () => {
    const stubborn: Change = (adapter) => ({
      startCertificate: async (spec: CertificateSpec) => {
        if (adapter.authority.orders.get(spec.reference)?.state === 'failed') {
          adapter.authority.orders.delete(spec.reference);
        }
        return adapter.startCertificate(spec);
      },
    });
    expect(await failing(stubborn)).toEqual([
      'reports an order whose challenges are not in place as failed, for good, and lets another reference try again',
    ]);
  }, 60_000);
});
