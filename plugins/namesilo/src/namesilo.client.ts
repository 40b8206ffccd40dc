import { isPortError, VendorHttp } from '@keelson/core';
import type { NameSiloSettings } from './namesilo.config.js';
import { nameSiloError, succeeded, unclearAnswer } from './namesilo.errors.js';
import { parseReply, type NameSiloReply } from './namesilo-reply.js';

/** Parameters of an operation; those that are undefined are not sent. */
export type Parameters = Record<string, string | number | undefined>;

/**
 * The HTTP API of one account (https://www.namesilo.com/api-reference). Every call is a GET with the key in its query, and every answer
 * is HTTP 200 with a code of its own. Answers come as XML: it is what the vendor documents every operation in, and its JSON
 * types the same field differently from call to call.
 */
export class NameSiloClient {
  private readonly http: VendorHttp;
  private readonly folder: string;

  constructor(private readonly settings: NameSiloSettings) {
    this.folder = settings.batch ? '/apibatch' : '/api';
    this.http = new VendorHttp({
      baseUrl: settings.baseUrl.replace(/\/+$/, ''),
      headers: { accept: 'application/xml, text/xml' },
    });
  }

  /** An operation that changes nothing. */
  read(operation: string, parameters: Parameters = {}): Promise<NameSiloReply> {
    return this.call(operation, parameters, false);
  }

  /** An operation that changes something, or spends. Without a clear answer it ends as `outcome-unknown`. */
  act(operation: string, parameters: Parameters): Promise<NameSiloReply> {
    return this.call(operation, parameters, true);
  }

  private async call(operation: string, parameters: Parameters, acts: boolean): Promise<NameSiloReply> {
    const response = await this.http.request({
      method: 'GET',
      path: `${this.folder}/${operation}`,
      query: { version: 1, type: 'xml', key: this.settings.apiKey, ...parameters },
      acts,
    });
    if (response.status !== 200) throw unclearAnswer(acts, { status: response.status });
    const reply = this.replyIn(response.text, acts);
    if (!succeeded(reply.code)) throw nameSiloError(reply, acts);
    return reply;
  }

  private replyIn(text: string, acts: boolean): NameSiloReply {
    try {
      const reply = parseReply(text);
      return { ...reply, detail: reply.detail.replaceAll(this.settings.apiKey, '***') };
    } catch {
      throw unclearAnswer(acts, { status: 200 });
    }
  }
}

/** The answer; undefined when it is that the account holds no such thing. */
export async function unlessAbsent(reply: Promise<NameSiloReply>): Promise<NameSiloReply | undefined> {
  try {
    return await reply;
  } catch (thrown) {
    if (isPortError(thrown) && thrown.code === 'not-found') return undefined;
    throw thrown;
  }
}
