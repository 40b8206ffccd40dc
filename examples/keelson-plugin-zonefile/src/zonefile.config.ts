import { Setting } from '@keelson/core';
import { IsOptional, Matches } from 'class-validator';

/** What an operator sets for one folder of zone files. */
export class ZonefileSettings {
  @Setting({
    description: 'Absolute path of the folder that the name server reads. It exists, and Keelson may write to it.',
    example: '/var/lib/zones',
  })
  @Matches(/^\/[^\0]*$/, { message: 'folder must be an absolute path' })
  folder: string;

  @Setting({
    description:
      'Mail address of whoever looks after the zones, for the SOA record; hostmaster of each zone otherwise.',
    example: 'hostmaster@example.net',
  })
  @IsOptional()
  @Matches(/^[a-z0-9-]+@[a-z0-9-]+(\.[a-z0-9-]+)+$/, { message: 'hostmaster must be a plain mail address' })
  hostmaster?: string;
}
