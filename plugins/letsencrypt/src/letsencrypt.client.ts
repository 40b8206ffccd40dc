import { FlattenedSign, type CryptoKey, type JWK } from 'jose';
import { PortError, VendorHttp, type VendorResponse } from '@keelson/core';
import type { LetsEncryptSettings } from './letsencrypt.config.js';
import { acmeError, problemIn } from './letsencrypt.errors.js';
import { directoryFrom } from './letsencrypt.mapper.js';
import type { AcmeDirectory } from './letsencrypt.types.js';

/** With what a request is signed: the account's key, and its URL once it has one (RFC 8555 §6.2). */
export interface AcmeSigner {
  key: CryptoKey;
  publicJwk: JWK;
  accountUrl?: string;
}

export interface AcmeRequest {
  url: string;
  /** Absent: the request only reads (POST-as-GET, RFC 8555 §6.3). */
  payload?: object;
  /** Whether a lost answer leaves something to look into. Default: whether there is a payload. */
  acts?: boolean;
  accept?: string;
}

/** Authorities refuse good nonces now and then; one refusal after the other means that something else is wrong. */
const nonceAttempts = 6;
const mostNonces = 16;
const largestAnswer = 1024 * 1024;

/**
 * ACME over HTTP (RFC 8555): directory, nonces, signed requests. A refused nonce is the only thing that is sent again, as the
 * authority has done nothing then (§6.5). Answers outside 2xx are thrown as `PortError`.
 */
export class AcmeClient {
  private readonly http: VendorHttp;
  private readonly home: URL;
  private readonly nonces: string[] = [];
  private known?: AcmeDirectory;

  constructor({ directoryUrl, caPem }: Pick<LetsEncryptSettings, 'directoryUrl' | 'caPem'>) {
    this.home = new URL(directoryUrl);
    this.http = new VendorHttp({
      baseUrl: this.home.origin,
      headers: { 'user-agent': 'keelson-plugin-letsencrypt/0.1' },
      maximumBytes: largestAnswer,
      ...(caPem === undefined ? {} : { caPem }),
    });
  }

  /** The directory, asked for once. */
  async directory(): Promise<AcmeDirectory> {
    return (this.known ??= directoryFrom((await this.get(this.home.href)).json()));
  }

  /** A plain GET, for the resources that need no signature. */
  async get(url: string): Promise<VendorResponse> {
    const response = await this.http.request({ method: 'GET', path: this.pathOf(url), acts: false });
    if (response.status >= 200 && response.status < 300) return response;
    throw acmeError(response, false);
  }

  /** A signed request. */
  async post({ key, publicJwk, accountUrl }: AcmeSigner, request: AcmeRequest): Promise<VendorResponse> {
    const { url, payload, accept, acts = payload !== undefined } = request;
    const bytes = new TextEncoder().encode(payload === undefined ? '' : JSON.stringify(payload));
    for (let attempt = 1; ; attempt += 1) {
      const nonce = this.nonces.pop() ?? (await this.newNonce());
      const header = {
        alg: 'ES256',
        nonce,
        url,
        ...(accountUrl === undefined ? { jwk: publicJwk } : { kid: accountUrl }),
      };
      const response = await this.http.request({
        method: 'POST',
        path: this.pathOf(url),
        json: await new FlattenedSign(bytes).setProtectedHeader(header).sign(key),
        headers: { 'content-type': 'application/jose+json', ...(accept === undefined ? {} : { accept }) },
        acts,
      });
      this.keepNonce(response);
      if (response.status >= 200 && response.status < 300) return response;
      if (problemIn(response.text)?.type === 'badNonce' && attempt < nonceAttempts) continue;
      throw acmeError(response, acts);
    }
  }

  private async newNonce(): Promise<string> {
    const { newNonce } = await this.directory();
    const { headers } = await this.get(newNonce);
    const nonce = headers['replay-nonce'];
    if (nonce !== undefined && nonce !== '') return nonce;
    throw new PortError('unavailable', 'The certificate authority gave no clear answer.');
  }

  private keepNonce({ headers }: VendorResponse): void {
    const nonce = headers['replay-nonce'];
    if (nonce !== undefined && nonce !== '' && this.nonces.length < mostNonces) this.nonces.push(nonce);
  }

  /** The authority names the URLs itself; none may lead anywhere else. */
  private pathOf(url: string): string {
    const { origin, pathname, search } = new URL(url);
    if (origin === this.home.origin) return pathname + search;
    throw new PortError('internal', 'The certificate authority answered in an unexpected way.', {
      details: { vendor: { message: `a URL at ${origin} instead of ${this.home.origin}` } },
    });
  }
}
