import { generateKeyPairSync } from 'node:crypto';
import { calculateJwkThumbprint, importJWK, type CryptoKey, type JWK } from 'jose';
import { isPortError, PortError, type AdapterState, type VendorResponse } from '@keelson/core';
import type { AcmeClient, AcmeRequest, AcmeSigner } from './letsencrypt.client.js';

interface AccountKey extends Required<Pick<AcmeSigner, 'key' | 'publicJwk'>> {
  thumbprint: string;
}

/**
 * One account at one authority. Its key is made once and kept; the account is registered by the first request that needs it, which is
 * safe to repeat: the same key always yields the same account (RFC 8555 §7.3.1).
 */
export class AcmeAccount {
  private key?: Promise<AccountKey>;
  private knownUrl?: string;

  constructor(
    private readonly client: AcmeClient,
    private readonly state: AdapterState,
    private readonly email: string,
  ) {}

  /** RFC 7638, of the account's key: the half of every challenge's proof that is ours. */
  async thumbprint(): Promise<string> {
    return (await this.loadKey()).thumbprint;
  }

  /** @throws PortError `invalid-config` unless the authority accepts the account */
  async check(): Promise<void> {
    const response = await this.request({ url: await this.url() });
    const { status } = response.json() as { status?: unknown };
    if (status !== 'valid') {
      throw new PortError('invalid-config', 'The certificate authority has closed our account.');
    }
  }

  /** A request in the account's name. */
  async request(request: AcmeRequest): Promise<VendorResponse> {
    const accountUrl = await this.url();
    try {
      return await this.client.post({ ...(await this.loadKey()), accountUrl }, request);
    } catch (thrown) {
      if (!isPortError(thrown) || thrown.details.vendor?.code !== 'accountDoesNotExist') throw thrown;
      // Staging and test authorities forget accounts. The next call registers the same key again.
      this.knownUrl = undefined;
      await this.state.put('account-url', '');
      throw new PortError('unavailable', 'The certificate authority has forgotten our account; it is made again.', {
        details: thrown.details,
      });
    }
  }

  private async url(): Promise<string> {
    if (this.knownUrl !== undefined) return this.knownUrl;
    const kept = await this.state.get('account-url');
    if (kept !== undefined && kept !== '') return (this.knownUrl = kept);
    const { newAccount } = await this.client.directory();
    const response = await this.client.post(await this.loadKey(), {
      url: newAccount,
      payload: { termsOfServiceAgreed: true, contact: [`mailto:${this.email}`] },
      // The same key is the same account, however often it is registered.
      acts: false,
    });
    response.json();
    const { location } = response.headers;
    if (location === undefined || !URL.canParse(location)) {
      throw new PortError('unavailable', 'The certificate authority gave no clear answer.');
    }
    await this.state.put('account-url', location);
    return (this.knownUrl = location);
  }

  private loadKey(): Promise<AccountKey> {
    const loaded = (this.key ??= this.readKey());
    loaded.catch(() => (this.key = undefined));
    return loaded;
  }

  private async readKey(): Promise<AccountKey> {
    const kept = (await this.state.get('account-key')) ?? (await this.state.putIfAbsent('account-key', newKey()));
    const { kty, crv, x, y, d } = JSON.parse(kept) as JWK;
    const publicJwk: JWK = { kty, crv, x, y };
    return {
      key: (await importJWK({ ...publicJwk, d }, 'ES256')) as CryptoKey,
      publicJwk,
      thumbprint: await calculateJwkThumbprint(publicJwk),
    };
  }
}

function newKey(): string {
  return JSON.stringify(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }));
}
