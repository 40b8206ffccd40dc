import { ApiProperty } from '../openapi/api-docs.decorator.js';

export class LoginLinkDto {
  @ApiProperty({ description: 'Opens the panel once. A secret' })
  url: string;

  @ApiProperty({ nullable: true })
  expiresAt: string | null;
}

const optional = { nullable: true, type: Number } as const;

export class UsageDto {
  @ApiProperty({ example: '2026-11-21' })
  day: string;

  @ApiProperty()
  measuredAt: string;

  @ApiProperty()
  diskMb: number;

  @ApiProperty({ ...optional, description: 'Null: unlimited, or not told' })
  diskLimitMb: number | null;

  @ApiProperty({ ...optional, description: "Since the vendor's month began" })
  bandwidthMb: number | null;

  @ApiProperty(optional)
  bandwidthLimitMb: number | null;

  @ApiProperty(optional)
  domains: number | null;

  @ApiProperty(optional)
  databases: number | null;

  @ApiProperty(optional)
  mailboxes: number | null;
}

export class UsageAnswerDto {
  @ApiProperty({ example: 'srv_…' })
  serviceId: string;

  @ApiProperty({ type: UsageDto, nullable: true, description: 'The last measurement; null before the first' })
  data: UsageDto | null;

  @ApiProperty({ type: [UsageDto], description: 'Newest first' })
  history: UsageDto[];
}
