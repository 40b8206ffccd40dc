import { driftKinds, type DriftKind } from '@keelson/core';
import { areas, type Area, findingStatuses, type FindingStatus } from '@keelson/provisioning';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
  IsBoolean,
  IsIn,
  IsOptional,
  Matches,
  ValidateNested,
} from 'class-validator';
import { ApiProperty } from '../openapi/api-docs.decorator.js';
import { EmailAddress, OneLine } from '../shared/input.decorator.js';
import { PageQueryDto } from '../shared/page.dto.js';

const connection = { required: false, description: 'Name of a connection; all, unless one is named', example: 'srv1' };

export class FindingsQueryDto extends PageQueryDto {
  @ApiProperty({ enum: [...findingStatuses, 'all'], required: false, default: 'open' })
  @IsIn([...findingStatuses, 'all'])
  status: FindingStatus | 'all' = 'open';

  @IsOptional()
  @OneLine(63, connection)
  connection?: string;

  @ApiProperty({ enum: driftKinds, required: false })
  @IsOptional()
  @IsIn(driftKinds)
  kind?: DriftKind;

  @IsOptional()
  @OneLine(80, { example: 'srv_…', required: false })
  serviceId?: string;
}

export class ObserveDto {
  @IsOptional()
  @OneLine(63, connection)
  connection?: string;

  @ApiProperty({ enum: areas, isArray: true, required: false })
  @IsOptional()
  @IsArray()
  @ArrayNotEmpty()
  @IsIn(areas, { each: true })
  areas?: Area[];

  @ApiProperty({ required: false, description: 'Believe a list that is empty or has shrunk: things really are gone' })
  @IsOptional()
  @IsBoolean()
  acceptShrunk?: boolean;
}

export class PlanDto {
  @IsOptional()
  @OneLine(63, connection)
  connection?: string;

  @ApiProperty({ type: [String], required: false, description: 'Exactly these findings, whatever the policy says' })
  @IsOptional()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(500)
  @Matches(/^[\w-]{1,80}$/, { each: true })
  ids?: string[];
}

export class ApplyDto extends PlanDto {
  @IsOptional()
  @OneLine(64, { required: false, description: 'Of the plan that was shown; nothing is done when it has changed' })
  fingerprint?: string;
}

export class IgnoreDto {
  @OneLine(300, { example: 'agreed with the customer' })
  reason: string;
}

export class AdoptionRowDto {
  @OneLine(64)
  username: string;

  @IsOptional()
  @EmailAddress({ required: false })
  email?: string;

  @IsOptional()
  @OneLine(200, { required: false })
  name?: string;

  @IsOptional()
  @OneLine(80, { required: false, description: 'Slug or alias' })
  product?: string;
}

export class AdoptDto {
  @OneLine(63, { example: 'srv1', description: 'Name of a connection that a server is on' })
  connection: string;

  @ApiProperty({
    enum: ['email', 'csv'],
    required: false,
    default: 'email',
    description: 'csv: only accounts in `rows`',
  })
  @IsIn(['email', 'csv'])
  match: 'email' | 'csv' = 'email';

  @ApiProperty({ type: [AdoptionRowDto], required: false })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(5000)
  @ValidateNested({ each: true })
  @Type(() => AdoptionRowDto)
  rows?: AdoptionRowDto[];

  @IsOptional()
  @OneLine(80, { required: false, description: 'Product of accounts whose package says nothing: slug or alias' })
  product?: string;

  @ApiProperty({
    type: Boolean,
    required: false,
    default: true,
    description: 'Shows what would be written, and writes nothing',
  })
  @IsBoolean()
  dryRun = true;
}

type Facts = Record<string, unknown> | null;

export class FindingDto {
  @ApiProperty({ example: 'drift_…' })
  id: string;

  @ApiProperty()
  connection: string;

  @ApiProperty({ enum: areas })
  area: string;

  @ApiProperty({ enum: driftKinds })
  kind: string;

  @ApiProperty({ description: 'What it is about: a user name, a zone, a record set' })
  key: string;

  @ApiProperty({ nullable: true, example: 'srv_…' })
  serviceId: string | null;

  @ApiProperty({ nullable: true, description: 'Null: we know nothing of it' })
  expected: Facts;

  @ApiProperty({ nullable: true, description: 'Null: it is not there' })
  actual: Facts;

  @ApiProperty({ enum: ['repair', 'adopt', 'look'] })
  suggestion: string;

  @ApiProperty({ enum: findingStatuses })
  status: string;

  @ApiProperty({ nullable: true, description: 'Why it is ignored' })
  reason: string | null;

  @ApiProperty({ nullable: true, example: 'job_…' })
  jobId: string | null;

  @ApiProperty()
  firstSeen: string;

  @ApiProperty()
  lastSeen: string;

  @ApiProperty({ description: 'Sightings that lie the configured gap apart; nothing is repaired before the second' })
  timesSeen: number;

  @ApiProperty({ nullable: true })
  resolvedAt: string | null;
}

export class FindingsAnswerDto {
  @ApiProperty({ type: [FindingDto] })
  data: FindingDto[];

  @ApiProperty()
  total: number;

  @ApiProperty()
  limit: number;

  @ApiProperty()
  offset: number;
}

export class FindingAnswerDto {
  @ApiProperty({ type: FindingDto })
  data: FindingDto;

  @ApiProperty({ example: [{ at: '2026-05-01T12:00:00.000Z', type: 'found', data: {} }] })
  history: { at: string; type: string; data: Record<string, unknown> }[];
}

export class ObservationDto {
  @ApiProperty()
  connection: string;

  @ApiProperty({ enum: areas })
  area: string;

  @ApiProperty()
  startedAt: string;

  @ApiProperty()
  endedAt: string;

  @ApiProperty({ description: 'The vendor answered to the end; otherwise nothing was concluded' })
  complete: boolean;

  @ApiProperty({ nullable: true, enum: ['empty', 'shrunk'], description: 'Why it is not believed' })
  suspicion: string | null;

  @ApiProperty({ nullable: true })
  listed: number | null;

  @ApiProperty({ nullable: true, description: 'Things of ours that the vendor should have listed' })
  believed: number | null;

  @ApiProperty({ nullable: true })
  differences: number | null;

  @ApiProperty({ nullable: true })
  error: string | null;
}

export class ObservationsAnswerDto {
  @ApiProperty({ type: [ObservationDto] })
  data: ObservationDto[];
}

export class PlanItemDto {
  @ApiProperty({ example: 'drift_…' })
  id: string;

  @ApiProperty()
  connection: string;

  @ApiProperty({ enum: driftKinds })
  kind: string;

  @ApiProperty()
  key: string;
}

export class PlannedRepairDto extends PlanItemDto {
  @ApiProperty({ example: 'repair_zone' })
  repair: string;
}

export class LeftFindingDto extends PlanItemDto {
  @ApiProperty({ example: 'it was seen only once' })
  why: string;
}

export class PlanAnswerDto {
  @ApiProperty({ type: [PlannedRepairDto] })
  repairs: PlannedRepairDto[];

  @ApiProperty({ type: [LeftFindingDto], description: 'What stays as it is' })
  left: LeftFindingDto[];

  @ApiProperty({ example: [], description: 'Areas in which the plan would touch too much; nothing in them is done' })
  refused: { connection: string; area: string; touched: number; limit: number }[];

  @ApiProperty()
  fingerprint: string;
}

export class ApplyAnswerDto extends PlanAnswerDto {
  @ApiProperty({ example: [{ id: 'drift_…', repair: 'repair_zone', jobId: 'job_…' }] })
  applied: { id: string; repair: string; jobId?: string }[];
}

export class AdoptedAccountDto {
  @ApiProperty()
  username: string;

  @ApiProperty({ enum: ['adopt', 'managed', 'left', 'conflict'] })
  action: string;

  @ApiProperty({ required: false })
  why?: string;

  @ApiProperty({ required: false, example: 'srv_…' })
  serviceId?: string;

  @ApiProperty({ required: false })
  domain?: string;

  @ApiProperty({ required: false })
  package?: string;

  @ApiProperty({ required: false })
  product?: string;

  @ApiProperty({ required: false, example: { email: 'ada@example.org', name: 'Ada', isNew: true } })
  customer?: { email: string; name: string; isNew: boolean };
}

export class AdoptAnswerDto {
  @ApiProperty()
  dryRun: boolean;

  @ApiProperty({ type: [AdoptedAccountDto] })
  data: AdoptedAccountDto[];
}
