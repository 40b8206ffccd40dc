import { Setting } from '@keelson/core';
import { IsIn, IsOptional, IsUrl, Matches } from 'class-validator';

export const zoneKinds = ['Native', 'Master'] as const;
export type ZoneKind = (typeof zoneKinds)[number];

/** What an operator sets to connect one PowerDNS server. */
export class PowerDnsSettings {
  @Setting({
    description:
      'Address of the HTTP API (webserver-address and webserver-port), without /api. Put TLS in front when it leaves the machine.',
    example: 'http://127.0.0.1:8081',
  })
  @IsUrl({
    protocols: ['http', 'https'],
    require_protocol: true,
    require_tld: false,
    disallow_auth: true,
    allow_query_components: false,
    allow_fragments: false,
  })
  url: string;

  @Setting({ description: "The server's api-key.", secret: true })
  @Matches(/^[\x21-\x7e]+$/, { message: 'apiKey must be printable ASCII without spaces' })
  apiKey: string;

  @Setting({
    description: 'Server id in API paths; every authoritative server calls itself localhost.',
    example: 'localhost',
  })
  @IsOptional()
  @Matches(/^[A-Za-z0-9._-]{1,64}$/, { message: 'serverId must be letters, digits, dots, hyphens and underscores' })
  serverId: string = 'localhost';

  @Setting({
    description:
      'Kind of new zones: Native (the database replicates) or Master (secondaries are notified and transfer).',
    example: 'Native',
  })
  @IsOptional()
  @IsIn(zoneKinds)
  zoneKind: ZoneKind = 'Native';
}
