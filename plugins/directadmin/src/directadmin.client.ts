import { VendorHttp, type VendorRequest } from '@keelson/core';
import type { DirectAdminSettings } from './directadmin.config.js';
import { refusalOf } from './directadmin.errors.js';

/**
 * Speaks the `CMD_…` commands, and `/api` where that has taken their place. Answers come out as parsed JSON, unchecked.
 * @see https://docs.directadmin.com/developer/api/
 */
export class DirectAdminClient {
  private readonly http: VendorHttp;

  constructor(readonly settings: DirectAdminSettings) {
    const { url, caPem, acceptAnyCertificate } = settings;
    this.http = new VendorHttp({ baseUrl: url, caPem, acceptAnyCertificate });
  }

  /** A command that changes nothing. As JSON: a url-encoded answer that was cut off looks like a whole one. */
  read(command: string, query: VendorRequest['query'] = {}): Promise<unknown> {
    return this.send({ method: 'GET', path: `/${command}`, query: { ...query, json: 'yes' }, acts: false });
  }

  /** A command that changes something, in our own name or in that of an account. */
  act(command: string, form: Record<string, string>, account?: string): Promise<unknown> {
    return this.send({ method: 'POST', path: `/${command}`, query: { json: 'yes' }, form, acts: true }, account);
  }

  /** A route below `/api` in the name of an account, which must exist: another is refused like wrong credentials. */
  as(account: string, method: 'GET' | 'POST' | 'DELETE', route: string, json?: object): Promise<unknown> {
    return this.send({ method, path: `/api/${route}`, json, acts: method !== 'GET' }, account);
  }

  private async send(request: VendorRequest, account?: string): Promise<unknown> {
    const { username, loginKey } = this.settings;
    const login = account === undefined ? username : `${username}|${account}`;
    const authorization = `Basic ${Buffer.from(`${login}:${loginKey}`).toString('base64')}`;
    const response = await this.http.request({ ...request, headers: { authorization } });
    const refusal = refusalOf(response, request.acts);
    if (refusal !== undefined) throw refusal;
    return request.path.startsWith('/api/') && response.text === '' ? undefined : response.json();
  }
}
