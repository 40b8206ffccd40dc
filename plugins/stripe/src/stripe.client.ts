import type { Stripe } from 'stripe';
import { PortError, VendorHttp, type VendorResponse } from '@keelson/core';
import type { StripeSettings } from './stripe.config.js';
import { portErrorOf } from './stripe.errors.js';

type HttpClient = NonNullable<Stripe.StripeConfig['httpClient']>;
type HttpResponse = Awaited<ReturnType<HttpClient['makeRequest']>>;

/** Set by `VendorHttp` itself. */
const ownHeaders = new Set(['accept', 'content-type', 'content-length']);

/**
 * The SDK on top of Keelson's HTTP: it shapes requests and reads errors, while deadlines, size caps and the judgement of broken
 * connections are the same as for every vendor. Nothing is repeated here: the engine does that.
 *
 * The SDK takes some 12 MB of memory, so it is loaded by the first call.
 */
export class StripeClient {
  private readonly http: VendorHttp;
  private sdk?: Promise<Stripe>;

  constructor(private readonly settings: StripeSettings) {
    this.http = new VendorHttp({ baseUrl: settings.apiBase ?? 'https://api.stripe.com' });
  }

  /** Runs one piece of work with the SDK. Whatever it throws becomes a `PortError`. */
  async call<T>(work: (stripe: Stripe) => Promise<T>): Promise<T> {
    const stripe = await this.load();
    try {
      return await work(stripe);
    } catch (thrown) {
      throw portErrorOf(thrown);
    }
  }

  private load(): Promise<Stripe> {
    this.sdk ??= import('stripe').then(
      ({ default: Sdk }) =>
        new Sdk(this.settings.secretKey, { maxNetworkRetries: 0, telemetry: false, httpClient: clientOver(this.http) }),
    );
    return this.sdk;
  }
}

function clientOver(http: VendorHttp): HttpClient {
  return {
    getClientName: () => 'keelson',
    async makeRequest(_host, _port, path, method, headers, body) {
      const acts = method !== 'GET';
      const response = await http.request({
        method: method as 'GET' | 'POST' | 'DELETE',
        path,
        headers: headersOf(headers),
        // The SDK encodes every field once, by its full name in brackets, so that a flat record holds the same.
        ...(body === '' ? {} : { form: Object.fromEntries(new URLSearchParams(body)) }),
        acts,
      });
      if (response.status >= 500) throw serverError(response, acts);
      return responseOf(response);
    },
  };
}

function headersOf(headers: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .map(([name, value]): [string, string] => [name.toLowerCase(), String(value)])
      .filter(([name]) => !ownHeaders.has(name)),
  );
}

function responseOf(response: VendorResponse): HttpResponse {
  const { status, headers } = response;
  return {
    getStatusCode: () => status,
    getHeaders: () => headers,
    getRawResponse: () => ({ headers }),
    toStream: () => {
      throw new Error('no call of this plugin reads a stream');
    },
    toJSON: async () => objectIn(response),
  };
}

/** Every answer is an object that names its kind, or an error. The SDK never settles on some of the others. */
function objectIn(response: VendorResponse): unknown {
  const body = response.json();
  const { object, error } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  if (typeof object === 'string' || error !== undefined) return body;
  throw new PortError('internal', 'The payment provider answered in an unexpected way.', {
    details: { vendor: { status: response.status } },
  });
}

/** A 5xx of an acting request may follow the effect: https://docs.stripe.com/error-low-level#server-errors. */
function serverError({ status, headers }: VendorResponse, acts: boolean): PortError {
  const requestId = headers['request-id'];
  return new PortError(acts ? 'outcome-unknown' : 'unavailable', 'The payment provider had a failure of its own.', {
    details: { vendor: { status, ...(requestId === undefined ? {} : { requestId }) } },
  });
}
