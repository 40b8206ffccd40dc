import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import {
  canonicalCertificateNames,
  PortError,
  systemClock,
  type CapabilityMethods,
  type CapabilityOf,
  type CertificateSpec,
  type CertificateState,
  type Challenge,
  type Clock,
  type IssuedCertificate,
  type RenewalWindow,
  type RevocationReason,
  type sslPort,
  type SslPort,
} from '@keelson/core';
import { CertificateAuthority } from '../simulator/certificate-authority.js';
import { MemoryCalls, type MemoryCall } from './memory-calls.js';

type Capability = CapabilityOf<typeof sslPort>;

/** All of them. */
export const memorySslCapabilities: readonly Capability[] = ['wildcard', 'renewal-info'];

const day = 86_400_000;

export interface MemoryOrder {
  names: string[];
  method: CertificateSpec['method'];
  /** Serial number of the certificate that it follows. */
  replaces?: string;
  state: 'pending' | 'processing' | 'failed';
  challenges: Challenge[];
  privateKeyPem: string;
  /** From `processing` on. */
  certificate?: Promise<IssuedCertificate>;
}

/** A certificate authority in memory, with one account. Any number of adapters may talk to it. */
export class MemoryAuthority {
  /** By reference. */
  readonly orders = new Map<string, MemoryOrder>();
  /** Serial number → when it was revoked, undefined while it is good. */
  readonly certificates = new Map<string, Date | undefined>();
  /** Serial number → the reason that was given with the revocation. */
  readonly reasons = new Map<string, RevocationReason>();
  /** How long certificates live. Milliseconds. */
  lifeMs = 90 * day;
  /** What it says about renewal, instead of the usual two thirds of the life. */
  suggestion?: RenewalWindow;
  /** Challenges that the authority would see. Tests put them here. */
  readonly visible = new Set<string>();
  /** Ledger and faults of every call, whichever adapter made it. */
  readonly calls = new MemoryCalls();

  private constructor(
    private readonly authority: CertificateAuthority,
    readonly clock: Clock,
  ) {}

  static async create(clock: Clock = systemClock): Promise<MemoryAuthority> {
    return new MemoryAuthority(await CertificateAuthority.create(), clock);
  }

  get rootPem(): string {
    return this.authority.rootPem;
  }

  publish(challenges: readonly Challenge[]): void {
    for (const challenge of challenges) this.visible.add(JSON.stringify(challenge));
  }

  async issue({ names, privateKeyPem }: MemoryOrder): Promise<IssuedCertificate> {
    const notBefore = new Date(Math.floor(this.clock.now().getTime() / 1000) * 1000);
    const notAfter = new Date(notBefore.getTime() + this.lifeMs);
    const publicKey = createPublicKey(createPrivateKey(privateKeyPem)).export({ type: 'spki', format: 'der' });
    const certificatePem = await this.authority.issue({ publicKey, domains: names, notBefore, notAfter });
    const serial = new X509Certificate(certificatePem).serialNumber.toLowerCase();
    this.certificates.set(serial, undefined);
    return { certificatePem, chainPem: this.authority.intermediatePem, privateKeyPem, serial, notBefore, notAfter };
  }
}

/** The reference adapter of the ssl port: what the contract says, over an authority in memory, with every capability. */
export class MemorySslAdapter implements SslPort, CapabilityMethods<typeof sslPort, Capability> {
  /** @param credentials `refused`: the authority accepts no call of this adapter */
  constructor(
    readonly authority: MemoryAuthority,
    private readonly credentials: 'accepted' | 'refused' = 'accepted',
  ) {}

  async testConnection(): Promise<void> {
    await this.call('testConnection', undefined, () => undefined);
  }

  async startCertificate(spec: CertificateSpec): Promise<CertificateState> {
    const { reference, method, replaces } = spec;
    const names = canonicalCertificateNames(spec);
    const replaced = replaces === undefined ? undefined : certificateIn(replaces).serialNumber.toLowerCase();
    const order = await this.call('startCertificate', reference, (call) => {
      const known = this.authority.orders.get(reference);
      if (known !== undefined) {
        if (known.names.join() === names.join() && known.method === method) return known;
        throw new PortError('wrong-state', 'The same reference was used before for another certificate.');
      }
      const placed = { ...newOrder(names, method), ...(replaced === undefined ? {} : { replaces: replaced }) };
      this.authority.orders.set(reference, placed);
      call.changed = true;
      return placed;
    });
    return this.stateOf(reference, order);
  }

  async checkCertificate(reference: string): Promise<CertificateState> {
    const order = await this.call('checkCertificate', reference, (call) => {
      const known = this.authority.orders.get(reference);
      if (known === undefined) throw new PortError('not-found', 'No certificate was ordered under this reference.');
      if (known.state !== 'pending') return known;
      call.changed = true;
      if (known.challenges.every((challenge) => this.authority.visible.has(JSON.stringify(challenge)))) {
        known.state = 'processing';
        known.certificate = this.authority.issue(known);
        return { ...known, certificate: undefined };
      }
      known.state = 'failed';
      return known;
    });
    return this.stateOf(reference, order);
  }

  async renewalWindow(certificatePem: string): Promise<RenewalWindow> {
    return this.windowOf('renewalWindow', certificatePem);
  }

  async getRenewalInfo(certificatePem: string): Promise<RenewalWindow> {
    return this.windowOf('getRenewalInfo', certificatePem);
  }

  private async windowOf(method: string, certificatePem: string): Promise<RenewalWindow> {
    const { serialNumber, validFrom, validTo } = certificateIn(certificatePem);
    return this.call(method, undefined, () => {
      const serial = serialNumber.toLowerCase();
      if (!this.authority.certificates.has(serial)) throw new PortError('not-found', 'There is no such certificate.');
      const { suggestion } = this.authority;
      if (suggestion !== undefined) return suggestion;
      const now = this.authority.clock.now();
      const checkAfter = new Date(now.getTime() + day / 4);
      const revokedAt = this.authority.certificates.get(serial);
      if (revokedAt !== undefined) return { start: new Date(revokedAt.getTime() - day), end: revokedAt, checkAfter };
      const [from, to] = [Date.parse(validFrom), Date.parse(validTo)];
      const end = from + ((to - from) * 2) / 3;
      return { start: new Date(end - day), end: new Date(end), checkAfter };
    });
  }

  async revokeCertificate(certificatePem: string, reason?: RevocationReason): Promise<void> {
    const serial = certificateIn(certificatePem).serialNumber.toLowerCase();
    await this.call('revokeCertificate', serial, (call) => {
      if (!this.authority.certificates.has(serial)) throw new PortError('not-found', 'There is no such certificate.');
      if (this.authority.certificates.get(serial) !== undefined) return;
      this.authority.certificates.set(serial, this.authority.clock.now());
      if (reason !== undefined) this.authority.reasons.set(serial, reason);
      call.changed = true;
    });
  }

  private async stateOf(reference: string, order: MemoryOrder): Promise<CertificateState> {
    if (order.state === 'failed') {
      return { state: 'failed', reference, reason: `${order.names[0]} did not show the proof that the name is ours.` };
    }
    const certificate = await order.certificate;
    if (certificate !== undefined) return { state: 'issued', reference, certificate: { ...certificate } };
    const challenges = order.state === 'pending' ? structuredClone(order.challenges) : [];
    return { state: 'pending', reference, challenges, checkAfter: this.authority.clock.now() };
  }

  private call<T>(method: string, subject: string | undefined, act: (call: MemoryCall) => T): Promise<T> {
    return this.authority.calls.run(method, subject, (call) => {
      if (this.credentials === 'refused') throw new PortError('invalid-config', 'The account is refused.');
      return act(call);
    });
  }
}

function newOrder(names: string[], method: CertificateSpec['method']): MemoryOrder {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    names,
    method,
    state: 'pending',
    challenges: names.map((name) => challengeFor(name.replace(/^\*\./, ''), method)),
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function challengeFor(domain: string, method: CertificateSpec['method']): Challenge {
  const proof = randomBytes(32).toString('base64url');
  return method === 'http-01'
    ? { type: method, domain, path: `/.well-known/acme-challenge/${proof.slice(0, 16)}`, body: proof }
    : { type: method, domain, recordName: `_acme-challenge.${domain}`, recordValue: proof };
}

function certificateIn(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw new PortError('invalid-input', 'This is not a certificate.');
  }
}
