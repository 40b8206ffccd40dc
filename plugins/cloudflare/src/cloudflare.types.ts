/** A zone, as far as it matters here. */
export interface CloudflareZone {
  id: string;
  zone: string;
  nameservers: string[];
}

/** A record as it is read: absolute name, and its value in one text. */
export interface CloudflareRecord {
  id: string;
  type: string;
  name: string;
  ttl: number;
  content: string;
}

/** A record as it is written: MX has a priority; SRV and CAA come in parts and without content. */
export interface NewCloudflareRecord extends Pick<CloudflareRecord, 'type' | 'name' | 'ttl'> {
  proxied: false;
  content?: string;
  priority?: number;
  data?: Record<string, string | number>;
}
