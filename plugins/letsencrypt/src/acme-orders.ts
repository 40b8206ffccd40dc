import { createHash } from 'node:crypto';
import { isPortError, PortError, type VendorResponse } from '@keelson/core';
import type { AcmeAccount } from './acme-account.js';
import type { AcmeClient } from './letsencrypt.client.js';
import { authorizationFrom, orderFrom } from './letsencrypt.mapper.js';
import type { AcmeAuthorization, AcmeChallenge, AcmeOrder } from './letsencrypt.types.js';

export interface NewOrder {
  names: readonly string[];
  profile?: string;
  /** Renewal id (RFC 9773 §4.1) of the certificate that is replaced. */
  replaces?: string;
}

/** An order as it was read, and what the authority said about when to read it again. */
export interface ReadOrder extends AcmeOrder {
  retryAfter?: string;
}

/** The order's resources in the account's name (RFC 8555 §7.4, §7.5). One method, one request. */
export class AcmeOrders {
  constructor(
    private readonly client: AcmeClient,
    private readonly account: AcmeAccount,
  ) {}

  /** Places an order and returns its URL. */
  async place({ names, profile, replaces }: NewOrder): Promise<string> {
    const { newOrder } = await this.client.directory();
    const payload = {
      identifiers: names.map((value) => ({ type: 'dns', value })),
      ...(profile === undefined ? {} : { profile }),
      ...(replaces === undefined ? {} : { replaces }),
    };
    const response = await this.account.request({ url: newOrder, payload });
    orderFrom(response.json());
    const { location } = response.headers;
    if (location !== undefined && URL.canParse(location)) return location;
    throw new PortError('outcome-unknown', 'The certificate authority gave no clear answer.');
  }

  /** @throws PortError `not-found` for an order that the authority has forgotten */
  async read(url: string): Promise<ReadOrder> {
    return readOrder(await this.account.request({ url }));
  }

  async readAuthorization(url: string): Promise<AcmeAuthorization> {
    return authorizationFrom((await this.account.request({ url })).json());
  }

  /** Makes the authority look. Resolves also when it has looked already. */
  async look(url: string): Promise<void> {
    try {
      await this.account.request({ url, payload: {} });
    } catch (thrown) {
      if (!isPortError(thrown) || thrown.details.vendor?.code !== 'malformed') throw thrown;
    }
  }

  async finalize(order: AcmeOrder, csr: string): Promise<ReadOrder> {
    return readOrder(await this.account.request({ url: order.finalize, payload: { csr } }));
  }

  /** The chain, PEM. */
  async download(url: string): Promise<string> {
    return (await this.account.request({ url, accept: 'application/pem-certificate-chain' })).text;
  }

  /** What proves that a name is ours: RFC 8555 §8.3 for `http-01`, §8.4 for `dns-01`. */
  async proofOf({ type, token }: AcmeChallenge): Promise<string> {
    const keyAuthorization = `${token}.${await this.account.thumbprint()}`;
    return type === 'dns-01' ? createHash('sha256').update(keyAuthorization).digest('base64url') : keyAuthorization;
  }
}

function readOrder(response: VendorResponse): ReadOrder {
  const retryAfter = response.headers['retry-after'];
  return { ...orderFrom(response.json()), ...(retryAfter === undefined ? {} : { retryAfter }) };
}
