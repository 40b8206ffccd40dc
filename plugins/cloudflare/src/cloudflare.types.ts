/** A zone, as far as it matters here. */
export interface CloudflareZone {
  id: string;
  name: string;
  nameservers: string[];
}

/** A record as it is written: absolute name; MX has a priority, SRV and CAA come in parts and without content. */
export interface NewCloudflareRecord {
  type: string;
  name: string;
  ttl: number;
  proxied: false;
  content?: string;
  priority?: number;
  data?: Record<string, string | number>;
}

export interface CloudflareRecord extends Pick<NewCloudflareRecord, 'type' | 'name' | 'ttl' | 'priority'> {
  id: string;
  content: string;
  data: Record<string, unknown>;
}
