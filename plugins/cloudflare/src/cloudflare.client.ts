import { VendorHttp, type VendorRequest } from '@keelson/core';
import type { CloudflareSettings } from './cloudflare.config.js';
import { cloudflareError } from './cloudflare.errors.js';
import { pagesOf, resultOf } from './cloudflare.mapper.js';
import type { NewCloudflareRecord } from './cloudflare.types.js';

/** Largest page of zones that the vendor gives; pages of records may be larger. */
const zonesPerPage = 50;
const recordsPerPage = 1_000;

/** The zone and record parts of API v4 (https://developers.cloudflare.com/api/). Results come out unchecked. */
export class CloudflareClient {
  private readonly http: VendorHttp;
  private readonly accountId: string;

  constructor({ url, apiToken, accountId }: CloudflareSettings) {
    this.accountId = accountId;
    this.http = new VendorHttp({ baseUrl: url, headers: { authorization: `Bearer ${apiToken}` } });
  }

  /** Zones of the account: the one of that name, or all. */
  listZones(name?: string): Promise<unknown[]> {
    return this.readAll('/zones', { 'account.id': this.accountId, name, per_page: zonesPerPage });
  }

  createZone(name: string): Promise<unknown> {
    return this.act('POST', '/zones', { name, account: { id: this.accountId }, type: 'full' });
  }

  async deleteZone(id: string): Promise<void> {
    await this.act('DELETE', `/zones/${encodeURIComponent(id)}`);
  }

  listRecords(zoneId: string): Promise<unknown[]> {
    return this.readAll(`/zones/${encodeURIComponent(zoneId)}/dns_records`, { per_page: recordsPerPage });
  }

  /** One transaction: removes, then adds. */
  async changeRecords(
    zoneId: string,
    batch: { deletes: { id: string }[]; posts: NewCloudflareRecord[] },
  ): Promise<void> {
    await this.act('POST', `/zones/${encodeURIComponent(zoneId)}/dns_records/batch`, batch);
  }

  private async act(method: 'POST' | 'DELETE', path: string, json?: object): Promise<unknown> {
    return resultOf(await this.send({ method, path, json, acts: true }), true);
  }

  private async readAll(path: string, query: VendorRequest['query']): Promise<unknown[]> {
    const found: unknown[] = [];
    for (let page = 1, pages = 1; page <= pages; page += 1) {
      const answer = await this.send({ method: 'GET', path, query: { ...query, page }, acts: false });
      const result = resultOf(answer, false);
      if (Array.isArray(result)) found.push(...(result as unknown[]));
      pages = pagesOf(answer);
    }
    return found;
  }

  private async send(request: VendorRequest): Promise<unknown> {
    const response = await this.http.request(request);
    if (response.status !== 200) throw cloudflareError(response, request.acts);
    return response.json();
  }
}
