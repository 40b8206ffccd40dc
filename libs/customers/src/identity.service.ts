import { createHash, timingSafeEqual } from 'node:crypto';
import { settingsToken, type Settings } from '@keelson/core';
import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { ApiKeysService } from './api-keys.service.js';
import type { ApiKeyScope, Principal } from './principal.types.js';
import { TokensService } from './tokens.service.js';
import type { User } from './user.entity.js';

/** What a request brings to say who it is. */
export interface Credentials {
  /** After `Authorization: Bearer`: a session token, an API key or the bootstrap token. */
  bearer?: string;
  /** `X-API-Key`: an API key or the bootstrap token. */
  apiKey?: string;
  /** Address of the client. */
  ip?: string;
}

type UserRow = Pick<User, 'id' | 'role'> & { token_version: number; customer_id: string | null };

/** Says who makes a request. */
@Injectable()
export class IdentityService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly tokens: TokensService,
    private readonly apiKeys: ApiKeysService,
    @Inject(settingsToken) private readonly settings: Pick<Settings, 'bootstrapToken'>,
  ) {}

  /**
   * The principal behind the credentials; undefined when there are none or any of them is not valid. Role and state of the user
   * are read now, so that a change counts from the next request on.
   */
  async identify(credentials: Credentials): Promise<Principal | undefined> {
    const { bearer, apiKey, ip } = credentials;
    const secret = apiKey ?? bearer;
    if (secret === undefined || secret === '') return undefined;
    if (this.isBootstrapToken(secret)) return { kind: 'bootstrap', role: 'admin', scopes: ['*'] };
    if (secret.startsWith('kln_')) return this.ofApiKey(secret, ip);
    return apiKey === undefined ? this.ofSession(secret) : undefined;
  }

  private async ofApiKey(secret: string, ip: string | undefined): Promise<Principal | undefined> {
    const key = await this.apiKeys.verify(secret, ip);
    const user = key === undefined ? undefined : await this.findUser(key.userId);
    if (key === undefined || user === undefined) return undefined;
    return { ...principalOf(user, 'api-key', key.scopes as ApiKeyScope[]), apiKeyId: key.id };
  }

  private async ofSession(token: string): Promise<Principal | undefined> {
    const claims = await this.tokens.verify(token);
    const user = claims === undefined ? undefined : await this.findUser(claims.userId);
    if (user === undefined || user.token_version !== claims?.tokenVersion) return undefined;
    return principalOf(user, 'user', ['*']);
  }

  private async findUser(id: string): Promise<UserRow | undefined> {
    const [row] = await this.dataSource.query<UserRow[]>(
      `SELECT users.id, users.role, users.token_version, customers.id AS customer_id
       FROM users LEFT JOIN customers ON customers.user_id = users.id WHERE users.id = $1 AND users.status = 'active'`,
      [id],
    );
    return row;
  }

  /** Compares digests, so that neither content nor length shows in the time it takes. */
  private isBootstrapToken(secret: string): boolean {
    const { bootstrapToken } = this.settings;
    return bootstrapToken !== undefined && timingSafeEqual(digest(secret), digest(bootstrapToken));
  }
}

function principalOf(user: UserRow, kind: 'user' | 'api-key', scopes: ApiKeyScope[]): Principal {
  const customer = user.customer_id === null ? {} : { customerId: user.customer_id };
  return { kind, role: user.role, scopes, userId: user.id, ...customer };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
