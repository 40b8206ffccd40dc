import { VendorHttp, type VendorRequest, type VendorResponse } from '@keelson/core';
import type { PowerDnsSettings } from './powerdns.config.js';
import { powerDnsError } from './powerdns.errors.js';
import type { PowerDnsChange, PowerDnsNewZone } from './powerdns.types.js';

/**
 * The HTTP API of one PowerDNS Authoritative Server (https://doc.powerdns.com/authoritative/http-api/). Zone names go in
 * without the final dot; answers come out as parsed JSON, unchecked. Anything but the documented success is thrown as
 * `PortError`.
 */
export class PowerDnsClient {
  private readonly http: VendorHttp;
  private lastChange: Promise<unknown> = Promise.resolve();

  constructor({ url, apiKey, serverId }: PowerDnsSettings) {
    this.http = new VendorHttp({
      baseUrl: `${url.replace(/\/+$/, '')}/api/v1/servers/${serverId}`,
      // Without this Accept, errors are plain text (4.7) or follow the request's type (5.1).
      headers: { 'x-api-key': apiKey, accept: 'application/json' },
    });
  }

  getServer(): Promise<unknown> {
    return this.read('');
  }

  listZones(): Promise<unknown> {
    return this.read('/zones', { dnssec: 'false' });
  }

  /** The zone with all its record sets. */
  getZone(zone: string): Promise<unknown> {
    return this.read(pathOf(zone));
  }

  /** The zone with the NS set of its apex only. */
  getZoneHead(zone: string): Promise<unknown> {
    return this.read(pathOf(zone), { rrset_name: `${zone}.`, rrset_type: 'NS' });
  }

  async createZone(zone: PowerDnsNewZone): Promise<unknown> {
    return (await this.act(201, { method: 'POST', path: '/zones', json: zone })).json();
  }

  /** Applies all changes or none. */
  async changeRecords(zone: string, rrsets: PowerDnsChange[]): Promise<void> {
    await this.act(204, { method: 'PATCH', path: pathOf(zone), json: { rrsets } });
  }

  async setDnssec(zone: string, dnssec: boolean): Promise<void> {
    await this.act(204, { method: 'PUT', path: pathOf(zone), json: { dnssec } });
  }

  /** Never asks for a single key: that answer holds the private half. */
  listKeys(zone: string): Promise<unknown> {
    return this.read(`${pathOf(zone)}/cryptokeys`);
  }

  exportZone(zone: string): Promise<unknown> {
    return this.read(`${pathOf(zone)}/export`);
  }

  async notifyZone(zone: string): Promise<void> {
    (await this.act(200, { method: 'PUT', path: `${pathOf(zone)}/notify` })).json();
  }

  async deleteZone(zone: string): Promise<void> {
    await this.act(204, { method: 'DELETE', path: pathOf(zone) });
  }

  private async read(path: string, query?: VendorRequest['query']): Promise<unknown> {
    const response = await this.http.request({ method: 'GET', path, query, acts: false });
    if (response.status !== 200) throw powerDnsError(response, false);
    return response.json();
  }

  /** One change after the other: with SQLite behind it, the server answers 500 to changes that overlap. */
  private act(success: number, request: Omit<VendorRequest, 'acts'>): Promise<VendorResponse> {
    const mine = this.lastChange.then(async () => {
      const response = await this.http.request({ ...request, acts: true });
      if (response.status !== success) throw powerDnsError(response, true);
      return response;
    });
    this.lastChange = mine.catch(() => undefined);
    return mine;
  }
}

function pathOf(zone: string): string {
  return `/zones/${encodeURIComponent(zone)}.`;
}
