import { taskStatuses, type TaskStatus } from '@keelson/provisioning';
import { ApiProperty } from '../openapi/api-docs.decorator.js';
import { IsIn, IsOptional } from 'class-validator';
import { DomainName, OneLine } from '../shared/input.decorator.js';
import { PageQueryDto } from '../shared/page.dto.js';

/** Fields are checked one by one, and what is missing is listed as the contract wants it. */
export class ProvisionDto {
  @IsOptional()
  @OneLine(80, { example: 'srv_…' })
  serviceId?: string;

  @IsOptional()
  @OneLine(80, { example: 'cust_…' })
  customerId?: string;

  @IsOptional()
  @OneLine(80, { example: 'basic', description: 'Id or slug' })
  productId?: string;

  @IsOptional()
  @DomainName()
  domain?: string;
}

export class ProvisionAnswerDto {
  @ApiProperty({ example: 'Provisioning job queued' })
  message: string;

  @ApiProperty({ example: 'job_…' })
  jobId: string;

  @ApiProperty({ example: 'srv_…' })
  serviceId: string;

  @ApiProperty({ example: 'queued' })
  status: string;
}

export class TasksQueryDto extends PageQueryDto {
  @ApiProperty({ enum: taskStatuses, required: false })
  @IsOptional()
  @IsIn(taskStatuses)
  status?: TaskStatus;
}

export class TimelineEntryDto {
  @ApiProperty({ example: 'create_account' })
  step: string;

  @ApiProperty()
  status: string;

  @ApiProperty({ required: false, description: 'Connection that did it' })
  connection?: string;

  @ApiProperty()
  attempt: number;

  @ApiProperty({ required: false })
  startedAt?: string;

  @ApiProperty({ required: false })
  finishedAt?: string;

  @ApiProperty({ required: false })
  durationMs?: number;

  @ApiProperty({ required: false, description: 'Why it was skipped or sleeps' })
  reason?: string;

  @ApiProperty({ required: false })
  error?: string;

  @ApiProperty({ required: false })
  nextAttemptAt?: string;
}

export class TaskDto {
  @ApiProperty({ example: 'job_…' })
  id: string;

  @ApiProperty({ enum: taskStatuses })
  status: string;

  @ApiProperty({ example: 'srv_…' })
  serviceId: string;

  @ApiProperty({ example: 'provision', description: 'What was asked for' })
  operation: string;

  @ApiProperty({ example: 'hosting.provision' })
  recipe: string;

  @ApiProperty({ description: 'Finished steps in per cent' })
  progress: number;

  @ApiProperty({ example: { create_account: 'completed', setup_dns: 'running' } })
  steps: Record<string, string>;

  @ApiProperty({ required: false })
  error?: string;

  @ApiProperty({ nullable: true })
  startedAt: string | null;

  @ApiProperty({ nullable: true })
  completedAt: string | null;

  @ApiProperty()
  createdAt: string;

  @ApiProperty({ type: [TimelineEntryDto] })
  timeline: TimelineEntryDto[];
}

export class TasksAnswerDto {
  @ApiProperty({ type: [TaskDto] })
  tasks: TaskDto[];

  @ApiProperty({ description: 'how many there are in all, counted up to 10,000' })
  total: number;

  @ApiProperty()
  limit: number;

  @ApiProperty()
  offset: number;
}

export class SteeredDto {
  @ApiProperty()
  message: string;

  @ApiProperty({ example: 'job_…' })
  jobId: string;

  @ApiProperty()
  status: string;
}

export class StatsDto {
  @ApiProperty({
    example: { queued: 0, running: 1, waiting: 0, completed: 12, failed: 0, cancelled: 0, needs_attention: 0 },
  })
  tasks: Record<string, number>;

  @ApiProperty()
  total: number;
}

export class RemovedDto {
  @ApiProperty()
  removed: number;
}
