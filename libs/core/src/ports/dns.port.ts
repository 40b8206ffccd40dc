import { definePort } from './port.js';

/** Record types that Keelson writes. */
export type RecordType = 'A' | 'AAAA' | 'CNAME' | 'MX' | 'TXT' | 'NS' | 'SRV' | 'CAA';

/** All records of one name and type in a zone. */
export interface RecordSet {
  /** Absolute name without the final dot, lower case, A-labels: `www.example.com`. */
  name: string;
  type: RecordType;
  /** Seconds. */
  ttl: number;
  /**
   * One entry a record, in presentation form, with host names absolute and without the final dot
   * (`10 mail.example.com` for MX). TXT values are the bare text: no quotes, no chunks.
   */
  values: string[];
}

export interface ZoneSpec {
  /** Zone name without the final dot, lower case, A-labels. */
  zone: string;
  /** Host names of the name servers, without the final dot. A vendor that assigns its own ignores them and answers with its own. */
  nameservers: string[];
  /** Marker by which we know the zone as ours later: the id of the service. Kept when the vendor can store it. */
  owner: string;
}

export interface Zone {
  zone: string;
  /** Those that answer for it: what the domain is delegated to. */
  nameservers: string[];
  /** The marker given at creation; undefined when the vendor keeps none. */
  owner?: string;
  /** Changes with every change of the zone, when the vendor tells. */
  serial?: number;
}

/**
 * Holds zones and answers for them.
 *
 * Every method is safe to repeat: a second call with the same arguments leaves the same zone behind. Calls on different
 * zones do not disturb each other.
 */
export interface DnsPort {
  /** Resolves when the vendor can be reached with these credentials. Throws `invalid-config` when they are refused. */
  testConnection(): Promise<void>;
  /**
   * Creates the zone, or confirms that this connection already holds it for the same owner.
   * Throws `already-exists` when the zone carries another owner; never changes such a zone.
   */
  ensureZone(spec: ZoneSpec): Promise<Zone>;
  /** The zone, or undefined when this connection does not hold it. */
  findZone(zone: string): Promise<Zone | undefined>;
  /**
   * After the call each given (name, type) holds exactly the given values. Other sets are untouched; all given sets change
   * or none does. Throws `not-found` for an absent zone, `invalid-input` for a name outside it, and `wrong-state` when a CNAME
   * would stand beside another set of its name (RFC 1034 §3.6.2). What is held already is not written again.
   */
  putRecords(zone: string, sets: RecordSet[]): Promise<void>;
  /** Removes whole sets by (name, type). Absent sets are success; an absent zone is `not-found`. */
  removeRecords(zone: string, sets: Pick<RecordSet, 'name' | 'type'>[]): Promise<void>;
  /** Every set of the zone except SOA. Throws `not-found` for an absent zone. */
  listRecords(zone: string): Promise<RecordSet[]>;
  /** Removes the zone and everything in it. An absent zone is success. */
  removeZone(zone: string): Promise<void>;
}

/** What a registrar needs to know to point at a signed zone (RFC 4034 §5). */
export interface DsRecord {
  keyTag: number;
  algorithm: number;
  digestType: number;
  /** Hexadecimal, lower case. */
  digest: string;
}

export type DnsExtras = {
  'zone-listing': {
    /** Names of all zones of this connection, without final dots. */
    listZones(): Promise<string[]>;
  };
  dnssec: {
    /** Signs the zone, or confirms that it is signed, and returns its DS records. */
    ensureDnssec(zone: string): Promise<DsRecord[]>;
    /** Stops signing. An unsigned zone is success. */
    removeDnssec(zone: string): Promise<void>;
  };
  export: {
    /** The zone as RFC 1035 master file text. */
    exportZone(zone: string): Promise<string>;
  };
  notify: {
    /** Asks secondaries to fetch the zone now. */
    notifyZone(zone: string): Promise<void>;
  };
};

export const dnsPort = definePort<DnsPort, DnsExtras>({
  id: 'dns',
  version: 1,
  methods: ['testConnection', 'ensureZone', 'findZone', 'putRecords', 'removeRecords', 'listRecords', 'removeZone'],
  capabilities: {
    'zone-listing': ['listZones'],
    dnssec: ['ensureDnssec', 'removeDnssec'],
    export: ['exportZone'],
    notify: ['notifyZone'],
  },
  reads: ['testConnection', 'findZone', 'listRecords', 'listZones', 'exportZone'],
});
