import { createHash } from 'node:crypto';
import { PortError, type AdapterState, type CertificateSpec } from '@keelson/core';

/** What is kept about a reference before the order is placed. Never changes. */
export interface OrderIntent {
  names: string[];
  method: CertificateSpec['method'];
  /** PKCS #8. Made first, so that a finished order can be fetched again with the key that belongs to it. */
  privateKeyPem: string;
  /** Whether it renews a certificate that the authority exempts from its limits. */
  renewal: boolean;
}

/** Puts the directory's URL into every name: accounts and orders of one authority mean nothing to another. */
export function stateOf(directoryUrl: string, state: AdapterState): AdapterState {
  const prefix = createHash('sha256').update(directoryUrl).digest('hex').slice(0, 12);
  return {
    get: (name) => state.get(`${prefix}:${name}`),
    put: (name, value) => state.put(`${prefix}:${name}`, value),
    putIfAbsent: (name, value) => state.putIfAbsent(`${prefix}:${name}`, value),
    replace: (name, before, value) => state.replace(`${prefix}:${name}`, before, value),
  };
}

/** What we know about orders, by reference. The first that writes an intent or an order wins; all others go on with that one. */
export class OrderRecords {
  constructor(private readonly state: AdapterState) {}

  async findIntent(reference: string): Promise<OrderIntent | undefined> {
    const text = await this.state.get(`intent:${checked(reference)}`);
    return text === undefined ? undefined : (JSON.parse(text) as OrderIntent);
  }

  async putIntent(reference: string, intent: OrderIntent): Promise<OrderIntent> {
    return JSON.parse(
      await this.state.putIfAbsent(`intent:${checked(reference)}`, JSON.stringify(intent)),
    ) as OrderIntent;
  }

  findOrderUrl(reference: string): Promise<string | undefined> {
    return this.state.get(`order:${reference}`);
  }

  putOrderUrl(reference: string, url: string): Promise<string> {
    return this.state.putIfAbsent(`order:${reference}`, url);
  }

  /** When the authority was asked to look for which challenge: URL → milliseconds since 1970. */
  async looks(reference: string): Promise<Record<string, number>> {
    return JSON.parse((await this.state.get(`looks:${reference}`)) ?? '{}') as Record<string, number>;
  }

  async putLooks(reference: string, looks: Record<string, number>): Promise<void> {
    await this.state.put(`looks:${reference}`, JSON.stringify(looks));
  }
}

function checked(reference: string): string {
  if (/^[\w.-]{1,100}$/.test(reference)) return reference;
  throw new PortError('invalid-input', 'A reference is 1 to 100 letters, digits, dots, underscores and hyphens.');
}
