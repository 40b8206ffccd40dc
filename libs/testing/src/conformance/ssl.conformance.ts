import { expect } from '@jest/globals';
import { challengeRecordSets, runCall, sslPort, type CallRecord } from '@keelson/core';
import { describeCases } from './conformance-cases.js';
import { expectFailure, expectMethodsOf, expectNoSecret, failureOf } from './failures.js';
import {
  certificateOf,
  challengesOf,
  expectGood,
  guard,
  obtain,
  settle,
  specOf,
  type SslCapability,
  type SslCase,
  type SslEnvironment,
} from './ssl-environment.js';
import { sslLifeCases } from './ssl-life.conformance.js';

export type { SslCapability, SslCase, SslEnvironment } from './ssl-environment.js';

const orderCases: readonly SslCase[] = [
  {
    name: 'accepts an account that the authority accepts',
    run: async (environment) => {
      expect(await guard(environment).testConnection()).toBeUndefined();
      expect(await guard(environment).testConnection()).toBeUndefined();
    },
  },
  {
    name: 'reports a refused account as invalid-config, whether it reads or acts',
    run: async (environment) => {
      const stranger = guard({ ...environment, adapter: environment.withWrongCredentials });
      await expectFailure('invalid-config', () => stranger.testConnection());
      await expectFailure('invalid-config', () => stranger.startCertificate(specOf(environment)));
    },
  },
  {
    name: 'has the methods of the port and of the capabilities it declares, and of no others',
    run: async ({ adapter, capabilities }) => expectMethodsOf(sslPort, capabilities, adapter),
  },
  {
    name: 'issues a certificate that is proven over HTTP',
    run: async (environment) => {
      const spec = specOf(environment);
      const ssl = guard(environment);
      const challenges = challengesOf(await ssl.startCertificate(spec));
      expect(challenges.map(({ domain }) => domain).sort()).toEqual([...spec.domains].sort());
      for (const challenge of challenges) {
        expect(challenge).toMatchObject({
          type: 'http-01',
          path: expect.stringMatching(/^\/\.well-known\/acme-challenge\/[\w-]+$/),
          body: expect.stringMatching(/^[\w.-]{20,}$/),
        });
      }
      expectGood(environment, await obtain(ssl, environment, spec), spec.domains);
    },
  },
  {
    name: 'issues a certificate that is proven through DNS',
    run: async (environment) => {
      const spec = specOf(environment, 'site', 'dns-01');
      const ssl = guard(environment);
      const sets = challengeRecordSets(challengesOf(await ssl.startCertificate(spec)));
      expect(sets.map(({ name }) => name).sort()).toEqual(spec.domains.map((name) => `_acme-challenge.${name}`).sort());
      for (const { values } of sets) expect(values).toEqual([expect.stringMatching(/^[\w-]{43}$/)]);
      expectGood(environment, await obtain(ssl, environment, spec), spec.domains);
    },
  },
  {
    capability: 'wildcard',
    name: 'issues one certificate for a domain, its www and its wildcard, with two values at one name',
    run: async (environment) => {
      const { reference, domains } = specOf(environment);
      const [apex = ''] = domains;
      const spec = { reference, domains: [...domains, `*.${apex}`], method: 'dns-01' as const };
      const ssl = guard(environment);
      const sets = challengeRecordSets(challengesOf(await ssl.startCertificate(spec)));
      expect(sets).toHaveLength(1);
      expect(sets[0]).toMatchObject({ name: `_acme-challenge.${apex}`, type: 'TXT' });
      expect(new Set(sets[0]?.values).size).toBe(2);
      const issued = await obtain(ssl, environment, spec);
      expectGood(environment, issued, [apex, `www.${apex}`, `anything.${apex}`]);
    },
  },
  {
    name: 'refuses a wildcard that is proven over HTTP',
    run: async (environment) => {
      const { reference, domains } = specOf(environment);
      const spec = { reference, domains: [`*.${domains[0]}`], method: 'http-01' as const };
      const { code } = await failureOf(() => guard(environment).startCertificate(spec));
      expect(['invalid-input', 'unsupported']).toContain(code);
    },
  },
  {
    name: 'refuses names that no certificate can have as invalid-input, and orders nothing',
    run: async (environment) => {
      const ssl = guard(environment);
      const spec = specOf(environment);
      for (const domains of [
        [],
        [''],
        ['label'],
        ['192.0.2.1'],
        [`a b.${environment.domain}`],
        ['www.*.example.com'],
      ]) {
        await expectFailure('invalid-input', () => ssl.startCertificate({ ...spec, domains }));
      }
      expect(await environment.countOrders()).toBe(0);
    },
  },
  {
    name: 'answers a repeated start with the order under way, and never makes the authority look by it',
    run: async (environment) => {
      const ssl = guard(environment);
      const spec = specOf(environment);
      const challenges = challengesOf(await ssl.startCertificate(spec));
      expect(challengesOf(await ssl.startCertificate(spec))).toEqual(challenges);
      const again = { ...spec, domains: spec.domains.map((name) => name.toUpperCase()) };
      expect(challengesOf(await ssl.startCertificate(again))).toEqual(challenges);
      expect(await environment.countOrders()).toBe(1);
      await environment.publish(challenges);
      expectGood(environment, certificateOf(await settle(ssl, environment, spec.reference)), spec.domains);
    },
  },
  {
    name: 'places one order when five start it at once',
    run: async (environment) => {
      const ssl = guard(environment);
      const states = await Promise.all([1, 2, 3, 4, 5].map(() => ssl.startCertificate(specOf(environment))));
      const challenges = states.map((state) => JSON.stringify(challengesOf(state)));
      expect(new Set(challenges).size).toBe(1);
      expect(await environment.countOrders()).toBe(1);
    },
  },
  {
    name: 'reports another order under the same reference as wrong-state',
    run: async (environment) => {
      const ssl = guard(environment);
      const spec = specOf(environment);
      await ssl.startCertificate(spec);
      await expectFailure('wrong-state', () => ssl.startCertificate({ ...spec, method: 'dns-01' }));
      await expectFailure('wrong-state', () => ssl.startCertificate({ ...spec, domains: spec.domains.slice(0, 1) }));
      expect(await environment.countOrders()).toBe(1);
    },
  },
  {
    name: 'goes on in another process, with the same order, the same challenges and the same key',
    run: async (environment) => {
      const spec = specOf(environment);
      const elsewhere = () => guard({ ...environment, adapter: environment.another() });
      const challenges = challengesOf(await guard(environment).startCertificate(spec));
      expect(challengesOf(await elsewhere().startCertificate(spec))).toEqual(challenges);
      await environment.publish(challenges);
      const issued = certificateOf(await settle(elsewhere(), environment, spec.reference));
      expectGood(environment, issued, spec.domains);
      expect(certificateOf(await elsewhere().checkCertificate(spec.reference))).toEqual(issued);
      expect(await environment.countOrders()).toBe(1);
    },
  },
  {
    name: 'hands an issued certificate out again, whichever way it is asked',
    run: async (environment) => {
      const ssl = guard(environment);
      const spec = specOf(environment);
      const issued = await obtain(ssl, environment, spec);
      expect(certificateOf(await ssl.checkCertificate(spec.reference))).toEqual(issued);
      expect(certificateOf(await ssl.startCertificate(spec))).toEqual(issued);
      expect(await environment.countOrders()).toBe(1);
    },
  },
  {
    name: 'issues one certificate when several ask for the same order at once',
    run: async (environment) => {
      const spec = specOf(environment);
      await environment.publish(challengesOf(await guard(environment).startCertificate(spec)));
      const askers = [guard(environment), guard({ ...environment, adapter: environment.another() })];
      const issued = await Promise.all(
        askers.map(async (ssl) => certificateOf(await settle(ssl, environment, spec.reference))),
      );
      expect(issued[1]).toEqual(issued[0]);
    },
  },
  {
    name: 'reports an order whose challenges are not in place as failed, for good, and lets another reference try again',
    run: async (environment) => {
      const ssl = guard(environment);
      const spec = specOf(environment);
      await ssl.startCertificate(spec);
      const failed = await settle(ssl, environment, spec.reference);
      expect(failed).toMatchObject({ state: 'failed', reference: spec.reference });
      expect(failed.state === 'failed' && failed.reason).toMatch(/^[A-Z\w].{10,}\.$/);
      expect(await ssl.checkCertificate(spec.reference)).toMatchObject({ state: 'failed' });
      expect(await ssl.startCertificate(spec)).toMatchObject({ state: 'failed' });
      // Authorities need not count orders that failed (RFC 8555 §7.1.2.1).
      expect(await environment.countOrders()).toBeLessThanOrEqual(1);
      const next = { ...spec, reference: `${spec.reference}_2` };
      expectGood(environment, await obtain(ssl, environment, next), spec.domains);
    },
  },
  {
    name: 'reports a reference that was never started as not-found',
    run: async (environment) => {
      await expectFailure('not-found', () => guard(environment).checkCertificate('cert_never_started'));
    },
  },
  {
    name: 'keeps parallel orders apart',
    run: async (environment) => {
      const ssl = guard(environment);
      const specs = [1, 2, 3].map((n) => specOf(environment, `site${n}`));
      const issued = await Promise.all(specs.map((spec) => obtain(ssl, environment, spec)));
      for (const [index, spec] of specs.entries()) expectGood(environment, issued[index]!, spec.domains);
      expect(new Set(issued.map(({ privateKeyPem }) => privateKeyPem)).size).toBe(3);
    },
  },
  {
    name: 'does nothing for a caller that has given up',
    run: async (environment) => {
      const signal = AbortSignal.abort();
      const spec = specOf(environment);
      const { code } = await failureOf(() => runCall({ signal }, () => environment.adapter.startCertificate(spec)));
      expect(['unavailable', 'outcome-unknown']).toContain(code);
      expect(await environment.countOrders()).toBe(0);
    },
  },
  {
    name: 'shows no secret in errors and call records, whatever fails',
    run: async (environment) => {
      const calls: CallRecord[] = [];
      const record = (call: CallRecord) => void calls.push(call);
      const ssl = guard(environment, record);
      const stranger = guard({ ...environment, adapter: environment.withWrongCredentials }, record);
      const spec = specOf(environment);
      const { privateKeyPem } = await obtain(guard(environment), environment, spec);
      const failures = [
        await failureOf(() => stranger.testConnection()),
        await failureOf(() => stranger.startCertificate(spec)),
        await failureOf(() => ssl.startCertificate({ ...spec, domains: [] })),
        await failureOf(() => ssl.checkCertificate('cert_never_started')),
        await failureOf(() => ssl.revokeCertificate(privateKeyPem)),
        await failureOf(() => ssl.renewalWindow(privateKeyPem)),
      ];
      expect(calls).toHaveLength(failures.length);
      expectNoSecret([failures, calls], [...environment.secrets, privateKeyPem, privateKeyPem.split('\n')[1] ?? '']);
    },
  },
];

/** The promises of the port that an adapter with these capabilities makes. */
export function sslCases(capabilities: readonly SslCapability[]): SslCase[] {
  return [...orderCases, ...sslLifeCases].filter(
    ({ capability }) => capability === undefined || capabilities.includes(capability),
  );
}

/**
 * Registers all cases for one adapter.
 * @param start an authority and an adapter in front of it, for each case anew
 */
export function describeSslAdapter(
  title: string,
  capabilities: readonly SslCapability[],
  start: () => Promise<SslEnvironment>,
): void {
  describeCases(`${title}: ssl port`, sslCases(capabilities), start);
}
