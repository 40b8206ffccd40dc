import { randomBytes } from 'node:crypto';
import { type Clock, clockToken, loadOrCreateKeyFile, type Settings, settingsToken } from '@keelson/core';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, IsNull } from 'typeorm';
import { isLicenceKey } from './licence-key.js';
import { LicenceKeys } from './licence-keys.service.js';
import { LicenceQuotas } from './licence-quotas.service.js';
import { LicenceRates, type RateRule, type RateState } from './licence-rates.service.js';
import { isSignedWith, type RequestOrigin, signatureWindowSeconds } from './licence-signature.js';
import { Licence } from './licence.entity.js';
import type { LicenceResource, LicenceView } from './licence.types.js';
import { Licences } from './licences.service.js';

/** A panel asks whether it may do something. */
export interface LicenceQuestion {
  key: string;
  feature: string;
  /** Seconds since 1970. A question without time or signature is refused. */
  timestamp?: number;
  signature?: string;
  additionalData?: Readonly<Record<string, unknown>>;
  origin: RequestOrigin;
}

/** What the panel is told. */
export interface LicenceAnswer {
  valid: boolean;
  /** How many may still be created, the one asked about included; -1 for features that nobody counts. Only when valid. */
  remaining?: number;
  /** Why not, in the words that panels know. */
  error?: string;
  /** The rule that is closest to its limit. */
  rate?: RateState;
}

const features: Readonly<Record<string, { resource: LicenceResource; refusal: string }>> = {
  create_account: { resource: 'accounts', refusal: 'Account quota exceeded' },
  create_domain: { resource: 'domains', refusal: 'Domain quota exceeded' },
  create_database: { resource: 'databases', refusal: 'Database quota exceeded' },
  create_email: { resource: 'emails', refusal: 'Email account quota exceeded' },
};

const perAddress: RateRule = { limit: 1000, seconds: 3600 };
const perLicence: RateRule = { limit: 100, seconds: 60 };
/** More than a panel asks in an hour, and more addresses than one has in a day. */
const usual: RateRule = { limit: 500, seconds: 3600 };
const usualAddresses = 10;

const badSignature = 'Invalid request signature or expired timestamp';

/**
 * Answers panels that ask before they create something. The words are those of the billing API v1.
 *
 * Nothing is said about a key before the question proved, by its signature, to come from a panel of ours: until then every key of
 * the right form gets the same answers, whether it exists or not. A signed question is good once.
 */
@Injectable()
export class LicenceValidation {
  private readonly logger = new Logger('licences');
  private signingSecret?: string;

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly licences: Licences,
    private readonly keys: LicenceKeys,
    private readonly quotas: LicenceQuotas,
    private readonly rates: LicenceRates,
    @Inject(clockToken) private readonly clock: Clock,
    @Inject(settingsToken) private readonly settings: Pick<Settings, 'home' | 'licenceSecret'>,
  ) {}

  /**
   * Answers the question. When the answer is yes to a counted feature, a place is held for what the panel creates now, until it
   * reports it: questions at the same time never get more yeses than there are places.
   */
  async validate(question: LicenceQuestion): Promise<LicenceAnswer> {
    const { key, feature, origin } = question;
    if (!isLicenceKey(key)) return { valid: false, error: 'Invalid license key format' };
    const address = await this.rates.count(`address:${origin.ip}`, perAddress);
    if (address.exceeded) return tooMany('Too many validations from this IP', address);
    if (!(await this.isAuthentic(question))) return { valid: false, error: badSignature, rate: address };
    const bucket = await this.keys.hashOf(key);
    const own = await this.rates.count(`licence:${bucket}`, perLicence);
    if (own.exceeded) return tooMany('Too many validations for this license', own);
    const rate = own.remaining < address.remaining ? own : address;
    const licence = await this.licences.findByKey(key);
    const refusal = licence === undefined ? 'Invalid license key' : await this.refusalOf(licence, bucket, origin.ip);
    if (licence === undefined || refusal !== undefined) return { valid: false, error: refusal, rate };
    return { ...(await this.permit(licence, feature)), rate };
  }

  private async isAuthentic({ key, feature, timestamp, signature, additionalData, origin }: LicenceQuestion) {
    if (timestamp === undefined || signature === undefined) return false;
    const age = this.clock.now().getTime() / 1000 - timestamp;
    const signed = isSignedWith(this.secret(), { key, timestamp, additionalData, origin }, signature);
    return signed && Math.abs(age) <= signatureWindowSeconds && (await this.rates.isFirst(signature, feature));
  }

  private async refusalOf({ licence, status }: LicenceView, bucket: string, ip: string): Promise<string | undefined> {
    if (await this.isOdd(licence, bucket, ip)) return 'Anomalous usage pattern detected. Account flagged for review.';
    if (status === 'expired') return 'License has expired';
    return status === 'active' ? undefined : `License is ${status}`;
  }

  private async permit({ licence }: LicenceView, feature: string): Promise<LicenceAnswer> {
    const counted = Object.hasOwn(features, feature) ? features[feature] : undefined;
    if (counted === undefined) return { valid: true, remaining: -1 };
    const remaining = await this.quotas.permit(licence.id, counted.resource);
    return remaining === undefined ? { valid: false, error: counted.refusal } : { valid: true, remaining };
  }

  private async isOdd(licence: Licence, bucket: string, ip: string): Promise<boolean> {
    const { exceeded } = await this.rates.count(`licence-hour:${bucket}`, usual);
    const addresses = await this.rates.countAddresses(licence.id, ip);
    const odd = exceeded || addresses > usualAddresses;
    if (odd && licence.flaggedAt === null) {
      await this.dataSource.manager.update(
        Licence,
        { id: licence.id, flaggedAt: IsNull() },
        { flaggedAt: () => 'now()' },
      );
      this.logger.warn({
        message: `licence ${licence.number} is used oddly: ask its owner whether the key went astray, and issue another one if so`,
        addresses,
      });
    }
    return odd;
  }

  /** `LICENCE_SECRET`, or one made at the first question and kept in `KEELSON_HOME/keys`. */
  private secret(): string {
    this.signingSecret ??=
      this.settings.licenceSecret ??
      loadOrCreateKeyFile(this.settings.home, 'licence.secret', () => randomBytes(32).toString('base64url'));
    return this.signingSecret;
  }
}

function tooMany(what: string, rate: RateState): LicenceAnswer {
  return { valid: false, error: `Rate limit exceeded: ${what}`, rate };
}
