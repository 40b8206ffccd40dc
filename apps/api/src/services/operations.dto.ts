import { operationNames } from '@keelson/provisioning';
import { type ServiceStatus, serviceStatuses } from '@keelson/hosting';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
  IsBoolean,
  IsIn,
  IsObject,
  IsOptional,
  IsString,
  Length,
  ValidateNested,
} from 'class-validator';
import { ApiProperty } from '../openapi/api-docs.decorator.js';
import { OneLine } from '../shared/input.decorator.js';

/** Operations as addresses and bodies name them: `change-package`. */
export const operationSlugs = operationNames.map((name) => name.replaceAll('_', '-'));

export class PlannedMoneyDto {
  @ApiProperty({ description: 'Minor units' })
  amount: number;

  @ApiProperty({ example: 'USD' })
  currency: string;
}

export class PlannedCallDto {
  @ApiProperty({ example: 'provisioner' })
  port: string;

  @ApiProperty({ example: 'suspendAccount' })
  method: string;

  @ApiProperty()
  summary: string;

  @ApiProperty({ required: false, type: PlannedMoneyDto, description: 'What it costs us at the vendor' })
  money?: PlannedMoneyDto;
}

export class PlannedStepDto {
  @ApiProperty({ example: 'suspend_account' })
  step: string;

  @ApiProperty({ enum: ['act', 'confirm', 'skip', 'refuse'] })
  outcome: string;

  @ApiProperty({ required: false })
  connection?: string;

  @ApiProperty({ required: false, description: 'Why it is skipped or refused' })
  reason?: string;

  @ApiProperty({ type: [PlannedCallDto] })
  calls: PlannedCallDto[];
}

export class OperationPlanDto {
  @ApiProperty({ example: true })
  dryRun: true;

  @ApiProperty({ example: 'srv_…' })
  serviceId: string;

  @ApiProperty({ enum: operationSlugs })
  operation: string;

  @ApiProperty({ example: 'service.suspend' })
  recipe: string;

  @ApiProperty({ type: [PlannedStepDto] })
  steps: PlannedStepDto[];
}

export class OperationAcceptedDto {
  @ApiProperty({ example: 'suspend is queued' })
  message: string;

  @ApiProperty({ example: 'job_…' })
  jobId: string;

  @ApiProperty({ example: 'srv_…' })
  serviceId: string;

  @ApiProperty({ enum: operationSlugs })
  operation: string;

  @ApiProperty({ example: 'queued' })
  status: string;
}

export class BulkFilterDto {
  @ApiProperty({ required: false, enum: serviceStatuses })
  @IsOptional()
  @IsIn(serviceStatuses)
  status?: ServiceStatus;

  @IsOptional()
  @OneLine(80, { required: false, example: 'cust_…' })
  customerId?: string;

  @IsOptional()
  @OneLine(80, { required: false, example: 'prod_…' })
  productId?: string;

  @IsOptional()
  @OneLine(80, { required: false, example: 'node_…' })
  serverId?: string;
}

export class BulkOperationDto {
  @ApiProperty({ enum: operationSlugs })
  @IsIn(operationSlugs)
  operation: string;

  @ApiProperty({ required: false, type: Object, description: 'As the single operation takes it' })
  @IsOptional()
  @IsObject()
  input?: Record<string, unknown>;

  @ApiProperty({ required: false, type: [String], description: 'The services; or else a filter' })
  @IsOptional()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(1000)
  @IsString({ each: true })
  @Length(1, 80, { each: true })
  ids?: string[];

  @ApiProperty({ required: false, type: BulkFilterDto, description: 'All services that fit every field given' })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => BulkFilterDto)
  filter?: BulkFilterDto;

  @ApiProperty({ description: 'Say it: true tells what would be done, false does it' })
  @IsBoolean()
  dryRun: boolean;
}

export class BulkOutcomeDto {
  @ApiProperty({ example: 'srv_…' })
  serviceId: string;

  @ApiProperty({ required: false, example: 'job_…' })
  jobId?: string;

  @ApiProperty({ required: false, type: OperationPlanDto })
  plan?: OperationPlanDto;

  @ApiProperty({
    required: false,
    type: Object,
    description: 'Why it was refused: status, code, detail, perhaps jobId',
  })
  problem?: Record<string, unknown>;
}

export class BulkAnswerDto {
  @ApiProperty({ enum: operationSlugs })
  operation: string;

  @ApiProperty()
  dryRun: boolean;

  @ApiProperty()
  total: number;

  @ApiProperty()
  accepted: number;

  @ApiProperty()
  refused: number;

  @ApiProperty({ type: [BulkOutcomeDto] })
  results: BulkOutcomeDto[];
}
