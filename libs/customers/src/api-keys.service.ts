import { timingSafeEqual } from 'node:crypto';
import { BlockList, isIP } from 'node:net';
import { clockToken, type Clock } from '@keelson/core';
import { newId } from '@keelson/database';
import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { apiKeyHash, newApiKey, parseApiKey } from './api-key-format.js';
import { ApiKey } from './api-key.entity.js';
import { InvalidApiKeyError } from './identity.errors.js';
import { apiKeyScopes, type ApiKeyScope } from './principal.types.js';

export interface ApiKeySpec {
  name: string;
  /** For whom it acts. */
  userId: string;
  scopes: readonly ApiKeyScope[];
  /** Addresses or CIDR ranges; none: any. */
  allowedIps?: readonly string[];
  expiresAt?: Date;
}

const lastUsedStepMs = 60_000;

/** Keys with which programs act for a user. */
@Injectable()
export class ApiKeysService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    @Inject(clockToken) private readonly clock: Clock,
  ) {}

  /**
   * Makes a key. `key` is shown now and never again.
   * @throws InvalidApiKeyError for an unknown scope, an address that is none, or a time that is past
   */
  async create(spec: ApiKeySpec): Promise<{ key: string; apiKey: ApiKey }> {
    const unknown = spec.scopes.filter((scope) => !apiKeyScopes.includes(scope));
    if (unknown.length > 0 || spec.scopes.length === 0) {
      throw new InvalidApiKeyError(`Give a key scopes out of: ${apiKeyScopes.join(', ')}.`);
    }
    if (spec.expiresAt !== undefined && spec.expiresAt <= this.clock.now()) {
      throw new InvalidApiKeyError('The key would be expired already.');
    }
    rangesOf(spec.allowedIps ?? []);
    const { keyId, secret, text } = newApiKey();
    const id = newId();
    await this.dataSource.manager.insert(ApiKey, {
      id,
      keyId,
      secretHash: apiKeyHash(secret),
      name: spec.name,
      scopes: [...spec.scopes],
      userId: spec.userId,
      allowedIps: [...(spec.allowedIps ?? [])],
      expiresAt: spec.expiresAt ?? null,
    });
    return { key: text, apiKey: await this.dataSource.manager.findOneByOrFail(ApiKey, { id }) };
  }

  list(userId: string): Promise<ApiKey[]> {
    return this.dataSource.manager.find(ApiKey, { where: { userId }, order: { createdAt: 'ASC' } });
  }

  /** The key is refused from now on. Revoking it again changes nothing. */
  async revoke(id: string): Promise<void> {
    await this.dataSource.query(
      'UPDATE api_keys SET revoked_at = $2, updated_at = now() WHERE id = $1 AND revoked_at IS NULL',
      [id, this.clock.now()],
    );
  }

  /**
   * The key, when it is one of ours, neither expired nor revoked, and used from where it may be.
   * @param ip address of the client; without it, keys that are bound to addresses are refused
   */
  async verify(text: string, ip?: string): Promise<ApiKey | undefined> {
    const parts = parseApiKey(text);
    if (parts === undefined) return undefined;
    const found = await this.dataSource.manager
      .createQueryBuilder(ApiKey, 'key')
      .addSelect('key.secretHash')
      .where({ keyId: parts.keyId })
      .getOne();
    const expected = Buffer.from(found?.secretHash ?? apiKeyHash(''), 'hex');
    const right = timingSafeEqual(Buffer.from(apiKeyHash(parts.secret), 'hex'), expected);
    if (found === null || !right) return undefined;
    const now = this.clock.now();
    if (found.revokedAt !== null || (found.expiresAt !== null && found.expiresAt <= now)) return undefined;
    if (found.allowedIps.length > 0 && !(ip !== undefined && includes(rangesOf(found.allowedIps), ip)))
      return undefined;
    await this.noteUse(found, now);
    return found;
  }

  /** Written at most once a minute, so that a busy key does not cost a write per request. */
  private async noteUse(key: ApiKey, now: Date): Promise<void> {
    if (key.lastUsedAt !== null && now.getTime() - key.lastUsedAt.getTime() < lastUsedStepMs) return;
    await this.dataSource.query('UPDATE api_keys SET last_used_at = $2 WHERE id = $1', [key.id, now]);
  }
}

function rangesOf(texts: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of texts) {
    const [address = '', prefix] = text.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    const bits = prefix === undefined ? undefined : Number(prefix);
    try {
      if (isIP(address) === 0) throw new RangeError();
      if (bits === undefined) list.addAddress(address, family);
      else list.addSubnet(address, bits, family);
    } catch {
      throw new InvalidApiKeyError(
        `"${text.slice(0, 60)}" is not an address or range, such as 192.0.2.10 or 10.0.0.0/8.`,
      );
    }
  }
  return list;
}

function includes(ranges: BlockList, ip: string): boolean {
  const address = ip.replace(/^::ffff:(?=\d+\.)/i, '');
  return ranges.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}
