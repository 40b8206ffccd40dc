import { arrayFrom, VendorHttp, type VendorRequest } from '@keelson/core';
import type { CloudflareSettings } from './cloudflare.config.js';
import { cloudflareError } from './cloudflare.errors.js';
import { resultOf } from './cloudflare.mapper.js';
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

  async createZone(name: string): Promise<unknown> {
    const json = { name, account: { id: this.accountId }, type: 'full' };
    return (await this.send({ method: 'POST', path: '/zones', json, acts: true })).result;
  }

  async deleteZone(id: string): Promise<void> {
    await this.send({ method: 'DELETE', path: `/zones/${encodeURIComponent(id)}`, acts: true });
  }

  listRecords(zoneId: string): Promise<unknown[]> {
    return this.readAll(`/zones/${encodeURIComponent(zoneId)}/dns_records`, { per_page: recordsPerPage });
  }

  /** One transaction: removes, then adds. */
  async changeRecords(zoneId: string, deletes: { id: string }[], posts: NewCloudflareRecord[]): Promise<void> {
    const path = `/zones/${encodeURIComponent(zoneId)}/dns_records/batch`;
    await this.send({ method: 'POST', path, json: { deletes, posts }, acts: true });
  }

  private async readAll(path: string, query: VendorRequest['query']): Promise<unknown[]> {
    const found: unknown[] = [];
    for (let page = 1, last = 1; page <= last; page += 1) {
      const { result, pages } = await this.send({ method: 'GET', path, query: { ...query, page }, acts: false });
      found.push(...arrayFrom(result));
      last = pages;
    }
    return found;
  }

  private async send(request: VendorRequest): Promise<{ result: unknown; pages: number }> {
    const response = await this.http.request(request);
    if (response.status !== 200) throw cloudflareError(response, request.acts);
    return resultOf(response.json(), request.acts);
  }
}
