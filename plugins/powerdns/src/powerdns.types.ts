/** Wire format of the parts of the API that we read and write (PowerDNS `docs/http-api`). Names end with a dot. */
export interface PowerDnsRecord {
  content: string;
  disabled: boolean;
}

export interface PowerDnsRrset {
  name: string;
  type: string;
  ttl: number;
  records: PowerDnsRecord[];
}

export interface PowerDnsZone {
  name: string;
  /** Free text kept with the zone; empty when never set. */
  account: string;
  serial: number;
  dnssec: boolean;
  /** Absent in listings and when not asked for. */
  rrsets?: PowerDnsRrset[];
}

export type PowerDnsChange =
  (PowerDnsRrset & { changetype: 'REPLACE' }) | { name: string; type: string; changetype: 'DELETE' };

export interface PowerDnsNewZone {
  name: string;
  kind: string;
  account: string;
  nameservers: string[];
  soa_edit_api: string;
  api_rectify: boolean;
  rrsets: PowerDnsRrset[];
}

/** A signing key without its private half, which listings leave out. */
export interface PowerDnsKey {
  active: boolean;
  published: boolean;
  /** `keyTag algorithm digestType digest`; absent for keys that no parent points to. */
  ds?: string[];
}
