import {
  canonicalCertificateNames,
  isPortError,
  ownRenewalWindow,
  PortError,
  type AdapterState,
  type CapabilityMethods,
  type CertificateSpec,
  type CertificateState,
  type Clock,
  type RenewalWindow,
  type RevocationReason,
  type SslPort,
  type sslPort,
} from '@keelson/core';
import { AcmeAccount } from './acme-account.js';
import { AcmeOrders } from './acme-orders.js';
import { newPrivateKey, renewalIdOf } from './certificate-keys.js';
import { IssuanceBudget } from './issuance-budget.js';
import { AcmeClient } from './letsencrypt.client.js';
import type { LetsEncryptSettings } from './letsencrypt.config.js';
import { certificateIn, renewalFrom } from './letsencrypt.mapper.js';
import { OrderProgress } from './order-progress.js';
import { OrderRecords, stateOf } from './order-records.js';

/** RFC 5280 §5.3.1, as RFC 8555 §7.6 sends them. */
const revocationReasons: Readonly<Record<RevocationReason, number>> = {
  'key-compromise': 1,
  superseded: 4,
  'cessation-of-operation': 5,
};

type Extras = CapabilityMethods<typeof sslPort, 'wildcard' | 'renewal-info'>;

/** The ssl port in front of an ACME authority. Account key, orders, private keys and the budget are kept with the connection. */
export class LetsEncryptAdapter implements SslPort, Extras {
  private readonly client: AcmeClient;
  private readonly account: AcmeAccount;
  private readonly orders: AcmeOrders;
  private readonly records: OrderRecords;
  private readonly budget: IssuanceBudget;
  private readonly progress: OrderProgress;
  private readonly placing = new Map<string, Promise<string>>();

  constructor(
    private readonly settings: LetsEncryptSettings,
    connectionState: AdapterState,
    private readonly clock: Clock,
  ) {
    const state = stateOf(settings.directoryUrl, connectionState);
    this.client = new AcmeClient(settings);
    this.account = new AcmeAccount(this.client, state, settings.email);
    this.orders = new AcmeOrders(this.client, this.account);
    this.records = new OrderRecords(state);
    this.budget = new IssuanceBudget(state, clock);
    this.progress = new OrderProgress(this.orders, this.records, this.budget, clock);
  }

  async testConnection(): Promise<void> {
    await this.checkProfile();
    await this.account.check();
  }

  async startCertificate(spec: CertificateSpec): Promise<CertificateState> {
    const { reference, method } = spec;
    const names = canonicalCertificateNames(spec);
    const replaces = await this.renewalIdIn(spec);
    const intent =
      (await this.records.findIntent(reference)) ??
      (await this.records.putIntent(reference, {
        names,
        method,
        privateKeyPem: await newPrivateKey(this.settings.keyType),
        renewal: replaces !== undefined,
      }));
    if (intent.method !== method || intent.names.join() !== names.join()) {
      throw new PortError('wrong-state', 'The same reference was used before for another certificate.');
    }
    const orderUrl = await this.placeOnce(reference, names, replaces);
    return this.progress.of({ reference, orderUrl, ...intent }, 'read');
  }

  async checkCertificate(reference: string): Promise<CertificateState> {
    const intent = await this.records.findIntent(reference);
    const orderUrl = intent === undefined ? undefined : await this.records.findOrderUrl(reference);
    if (intent === undefined || orderUrl === undefined) {
      throw new PortError('not-found', 'No certificate was ordered under this reference.');
    }
    return this.progress.of({ reference, orderUrl, ...intent }, 'advance');
  }

  async renewalWindow(certificatePem: string): Promise<RenewalWindow> {
    const certificate = certificateIn(certificatePem);
    try {
      const { start, end, checkAfter } = await this.getRenewalInfo(certificatePem);
      return { start, end, checkAfter };
    } catch (thrown) {
      // RFC 9773 §4.3.3: without an answer the client decides for itself, and asks again later.
      if (!isPortError(thrown) || thrown.code === 'invalid-config') throw thrown;
      const { validFrom, validTo } = certificate;
      return ownRenewalWindow({ notBefore: new Date(validFrom), notAfter: new Date(validTo) }, this.clock.now());
    }
  }

  async getRenewalInfo(certificatePem: string): Promise<RenewalWindow & { explanationUrl?: string }> {
    const certificate = certificateIn(certificatePem);
    const { renewalInfo } = await this.client.directory();
    if (renewalInfo === undefined) throw new PortError('not-found', 'This authority says nothing about renewal.');
    const id = await renewalIdOf(certificate);
    if (id === undefined) throw new PortError('not-found', 'This certificate is not of this authority.');
    const response = await this.client.get(`${renewalInfo}/${id}`);
    return renewalFrom(response.json(), response.headers['retry-after'], this.clock.now());
  }

  async revokeCertificate(certificatePem: string, reason?: RevocationReason): Promise<void> {
    const certificate = certificateIn(certificatePem);
    if (Date.parse(certificate.validTo) <= this.clock.now().getTime()) return;
    const { revokeCert } = await this.client.directory();
    const payload = {
      certificate: certificate.raw.toString('base64url'),
      ...(reason === undefined ? {} : { reason: revocationReasons[reason] }),
    };
    try {
      await this.account.request({ url: revokeCert, payload });
    } catch (thrown) {
      const code = isPortError(thrown) ? thrown.details.vendor?.code : undefined;
      if (code === 'alreadyRevoked') return;
      if (code !== 'unauthorized' && code !== 'malformed') throw thrown;
      // The same answer means that the account is closed, or that the certificate is another's.
      await this.account.check();
      throw new PortError('not-found', 'This certificate was not obtained with this account.', { cause: thrown });
    }
  }

  /** Calls at once go one after the other, so that the first places the order. Between processes the first to write it wins. */
  private async placeOnce(reference: string, names: readonly string[], replaces?: string): Promise<string> {
    const before = this.placing.get(reference);
    const mine = (async () => {
      await before?.catch(() => undefined);
      return (await this.records.findOrderUrl(reference)) ?? (await this.place(reference, names, replaces));
    })();
    this.placing.set(reference, mine);
    try {
      return await mine;
    } finally {
      if (this.placing.get(reference) === mine) this.placing.delete(reference);
    }
  }

  private async place(reference: string, names: readonly string[], replaces?: string): Promise<string> {
    const { profile } = this.settings;
    await this.checkProfile();
    await this.budget.takeOrder(reference, names, replaces !== undefined);
    try {
      return await this.records.putOrderUrl(reference, await this.orders.place({ names, profile, replaces }));
    } catch (thrown) {
      // RFC 9773 §5: only one order may replace a certificate, and only of the account that it belongs to.
      if (replaces === undefined || !refusesRenewal(thrown)) throw thrown;
      return this.place(reference, names);
    }
  }

  /** @throws PortError `invalid-config` when the authority does not offer the profile */
  private async checkProfile(): Promise<void> {
    const { profile } = this.settings;
    if (profile === undefined) return;
    const { profiles = [] } = (await this.client.directory()).meta;
    if (profiles.includes(profile)) return;
    const offer = profiles.length === 0 ? 'It offers none' : `It offers ${profiles.join(', ')}`;
    throw new PortError('invalid-config', `The certificate authority does not offer the profile ${profile}. ${offer}.`);
  }

  /** Undefined when the order replaces nothing, or nothing that this authority knows as such. */
  private async renewalIdIn({ replaces }: CertificateSpec): Promise<string | undefined> {
    if (replaces === undefined) return undefined;
    const certificate = certificateIn(replaces);
    const { renewalInfo } = await this.client.directory();
    return renewalInfo === undefined ? undefined : renewalIdOf(certificate);
  }
}

function refusesRenewal(thrown: unknown): boolean {
  if (!isPortError(thrown)) return false;
  const code = thrown.details.vendor?.code ?? '';
  return thrown.code === 'not-found' || ['alreadyReplaced', 'malformed', 'unauthorized'].includes(code);
}
