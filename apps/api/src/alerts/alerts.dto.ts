import { IsIn, IsOptional, Matches } from 'class-validator';
import { ApiProperty } from '../openapi/api-docs.decorator.js';
import { PageQueryDto } from '../shared/page.dto.js';

const statuses = ['open', 'resolved', 'all'] as const;

export class AlertsQueryDto extends PageQueryDto {
  @ApiProperty({ enum: statuses, required: false, default: 'open' })
  @IsOptional()
  @IsIn(statuses)
  status: (typeof statuses)[number] = 'open';

  @ApiProperty({ required: false, example: 'server.full' })
  @IsOptional()
  @Matches(/^[a-z_]+\.[a-z_]+$/, { message: 'kind must be a kind of alert such as server.full' })
  kind?: string;
}

export class AlertDto {
  @ApiProperty({ example: 'alert_…' })
  id: string;

  @ApiProperty({ example: 'server.full' })
  kind: string;

  @ApiProperty({ enum: ['warning', 'critical'] })
  severity: string;

  @ApiProperty()
  title: string;

  @ApiProperty({ description: 'What is wrong, and what to do next' })
  detail: string;

  @ApiProperty({ example: { server: 'web1' } })
  facts: Record<string, string>;

  @ApiProperty({ enum: ['open', 'resolved'] })
  status: string;

  @ApiProperty()
  raisedAt: string;

  @ApiProperty({ description: 'When it was last seen to be so' })
  seenAt: string;

  @ApiProperty({ nullable: true, description: 'When it turned from a warning to critical' })
  worsenedAt: string | null;

  @ApiProperty({ nullable: true })
  resolvedAt: string | null;

  @ApiProperty({ nullable: true, description: 'Who looks after it' })
  acknowledgedBy: string | null;
}

export class AlertsAnswerDto {
  @ApiProperty({ type: [AlertDto] })
  data: AlertDto[];

  @ApiProperty({ description: 'how many there are in all, counted up to 10,000' })
  total: number;

  @ApiProperty()
  limit: number;

  @ApiProperty()
  offset: number;
}

export class AlertAnswerDto {
  @ApiProperty({ type: AlertDto })
  data: AlertDto;
}
