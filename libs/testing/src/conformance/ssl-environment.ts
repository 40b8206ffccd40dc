import { createPrivateKey, X509Certificate } from 'node:crypto';
import { expect } from '@jest/globals';
import {
  guardAdapter,
  sslPort,
  type AdapterOf,
  type CallRecord,
  type CapabilityOf,
  type CertificateSpec,
  type CertificateState,
  type Challenge,
  type IssuedCertificate,
  type SslPort,
} from '@keelson/core';
import type { ConformanceCase, StoppableEnvironment } from './conformance-cases.js';

export type SslCapability = CapabilityOf<typeof sslPort>;

/** An adapter of the ssl port in front of an authority that knows no order of the suite's yet. */
export interface SslEnvironment extends StoppableEnvironment {
  /** As the plugin makes it, without the guard: the cases guard it themselves. */
  adapter: SslPort;
  /** Another adapter of the same connection, with the state that is kept with it, as another process makes it. */
  another(): SslPort;
  /** One whose account the authority refuses. */
  withWrongCredentials: SslPort;
  capabilities: readonly SslCapability[];
  /** Domain below which the suite orders certificates. */
  domain: string;
  /** PEM of the root that the authority's certificates lead to. */
  rootPem: string;
  /** Whether the authority itself says when to renew. */
  tellsRenewal: boolean;
  /** Puts challenges in place, where the authority sees them. */
  publish(challenges: readonly Challenge[]): Promise<void>;
  /** Lets time pass until then. */
  wait(until: Date): Promise<void>;
  /** How many orders the account has placed so far, with or without those that failed. */
  countOrders(): Promise<number>;
  /** Values that may appear in no error and no call record. */
  secrets: readonly string[];
}

/** A promise of the port; with a capability it is kept by the adapters that declare it. */
export interface SslCase extends ConformanceCase<SslEnvironment> {
  capability?: SslCapability;
}

export type GuardedSsl = AdapterOf<typeof sslPort>;

/** Guards the adapter with those capabilities that it has; that it has the ones it declares is a case of its own. */
export function guard(
  { adapter, capabilities }: Pick<SslEnvironment, 'adapter' | 'capabilities'>,
  record?: (call: CallRecord) => void,
): GuardedSsl {
  const has = (method: string) => typeof (adapter as unknown as Record<string, unknown>)[method] === 'function';
  const present = capabilities.filter((capability) => sslPort.capabilities[capability].every(has));
  return guardAdapter(adapter, { connection: 'under test', port: sslPort, capabilities: present, record });
}

/** An order of the apex and `www` of one of the suite's domains. */
export function specOf(
  { domain }: Pick<SslEnvironment, 'domain'>,
  label = 'site',
  method: CertificateSpec['method'] = 'http-01',
): CertificateSpec {
  const name = `${label}.${domain}`;
  return { reference: `cert_${name}`, domains: [name, `www.${name}`], method };
}

/** Looks often enough for the slowest authority, and fails then. */
const mostChecks = 60;

/** Asks until the order is no longer pending. */
export async function settle(ssl: SslPort, environment: SslEnvironment, reference: string): Promise<CertificateState> {
  for (let check = 1; ; check += 1) {
    const state = await ssl.checkCertificate(reference);
    if (state.state !== 'pending') return state;
    if (check === mostChecks) throw new Error(`the order is still pending after ${mostChecks} checks`);
    await environment.wait(state.checkAfter);
  }
}

/** Orders a certificate the whole way: start, challenges, checks. */
export async function obtain(
  ssl: SslPort,
  environment: SslEnvironment,
  spec: CertificateSpec,
): Promise<IssuedCertificate> {
  const started = await ssl.startCertificate(spec);
  if (started.state === 'pending') {
    await environment.publish(started.challenges);
    await environment.wait(started.checkAfter);
  }
  return certificateOf(await settle(ssl, environment, spec.reference));
}

export function certificateOf(state: CertificateState): IssuedCertificate {
  if (state.state === 'issued') return state.certificate;
  throw new Error(`expected a certificate, but the order is ${JSON.stringify(state)}`);
}

export function challengesOf(state: CertificateState): Challenge[] {
  if (state.state === 'pending') return state.challenges;
  throw new Error(`expected challenges, but the order is ${state.state}`);
}

/** Fails unless the certificate is for these hosts, leads to the root, fits its key, and says about itself what is true. */
export function expectGood(
  { rootPem }: Pick<SslEnvironment, 'rootPem'>,
  issued: IssuedCertificate,
  hosts: readonly string[],
): void {
  const leaf = new X509Certificate(issued.certificatePem);
  const blocks = issued.chainPem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const chain = [leaf, ...blocks.map((pem) => new X509Certificate(pem)), new X509Certificate(rootPem)];
  const broken = chain.slice(1).filter((issuer, index) => !chain[index]?.verify(issuer.publicKey));
  expect(broken.map(({ subject }) => subject)).toEqual([]);
  expect(hosts.filter((host) => leaf.checkHost(host, { subject: 'never' }) === undefined)).toEqual([]);
  expect(leaf.checkPrivateKey(createPrivateKey(issued.privateKeyPem))).toBe(true);
  expect(issued).toMatchObject({
    serial: leaf.serialNumber.toLowerCase(),
    notBefore: new Date(leaf.validFrom),
    notAfter: new Date(leaf.validTo),
  });
}
