import type { Principal } from '@keelson/customers';
import { fromPublicId, inTransaction, InvalidIdError, type IdPrefix, toPublicId } from '@keelson/database';
import {
  type BulkFilter,
  BulkOperations,
  type BulkOutcome,
  findOperation,
  LifecycleService,
  type OperationName,
} from '@keelson/provisioning';
import { Body, Controller, HttpCode, HttpStatus, Param, Post, Res } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { FastifyReply } from 'fastify';
import { DataSource } from 'typeorm';
import { Access } from '../access/access.decorator.js';
import { Caller } from '../access/caller.decorator.js';
import { requesterOf } from '../access/requester.js';
import { Idempotent } from '../idempotency/idempotency.interceptor.js';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '../openapi/api-docs.decorator.js';
import { problemOf } from '../problem/problem-mapping.js';
import { ProblemError } from '../problem/problem.errors.js';
import {
  BulkAnswerDto,
  BulkOperationDto,
  type BulkOutcomeDto,
  OperationAcceptedDto,
  OperationPlanDto,
} from './operations.dto.js';
import { planOf } from './operations.mapper.js';

/** Every operation of the table `operations`, under its name with hyphens. Their inputs are described by `operation-docs.ts`. */
@ApiTags('services')
@Controller('api/services')
export class OperationsController {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly lifecycle: LifecycleService,
    private readonly bulk: BulkOperations,
  ) {}

  @Access('services', 'admin', 'operator')
  @Idempotent()
  @Post('bulk')
  @HttpCode(202)
  @ApiOperation({ summary: 'The same operation on many services, at most 200; each succeeds or is refused on its own' })
  @ApiAcceptedResponse({ type: BulkAnswerDto })
  async many(
    @Caller() caller: Principal,
    @Body() { operation, input, ids, filter, dryRun }: BulkOperationDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<BulkAnswerDto> {
    const request = {
      operation: operationOf(operation),
      input: input as never,
      filter: { ...filterOf(filter ?? {}), ...(ids && { ids: ids.map((id, at) => idOf('srv', id, `ids.${at}`)) }) },
      requestedBy: requesterOf(caller),
    };
    const outcomes = dryRun ? await this.bulk.plan(request) : await this.bulk.request(request);
    if (dryRun) void reply.status(HttpStatus.OK);
    const refused = outcomes.filter((outcome) => 'refused' in outcome).length;
    return {
      operation,
      dryRun,
      total: outcomes.length,
      accepted: outcomes.length - refused,
      refused,
      results: outcomes.map(outcomeOf),
    };
  }

  @Access('services', 'admin', 'operator', 'customer')
  @Idempotent()
  @Post(':id/:operation')
  @HttpCode(202)
  @ApiOperation({ summary: 'Queues the operation as a job; with dryRun: true tells what it would do' })
  @ApiAcceptedResponse({ type: OperationAcceptedDto })
  @ApiOkResponse({ type: OperationPlanDto })
  async one(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @Param('operation') slug: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OperationAcceptedDto | OperationPlanDto> {
    const operation = operationOf(slug);
    const { dryRun, input } = inputOf(body);
    const request = {
      serviceId: fromPublicId('srv', id),
      operation,
      input: input as never,
      requestedBy: requesterOf(caller),
    };
    if (dryRun) {
      void reply.status(HttpStatus.OK);
      return planOf(await this.lifecycle.plan(request));
    }
    const { taskId } = await inTransaction(this.dataSource, (manager) => this.lifecycle.request(manager, request));
    return {
      message: `${slug} is queued`,
      jobId: toPublicId('job', taskId),
      serviceId: toPublicId('srv', request.serviceId),
      operation: slug,
      status: 'queued',
    };
  }
}

function operationOf(slug: string): OperationName {
  const name = slug.replaceAll('-', '_');
  if (!slug.includes('_') && findOperation(name) !== undefined) return name as OperationName;
  throw new ProblemError(404, { code: 'unknown-operation', detail: 'There is no such operation.' });
}

/** The operation's own fields, and whether it is only to be told. */
function inputOf(body: unknown): { dryRun: boolean; input: Record<string, unknown> } {
  if (typeof (body ?? {}) !== 'object' || Array.isArray(body)) throw badField('body', 'send an object, or nothing');
  const { dryRun = false, ...input } = (body ?? {}) as Record<string, unknown>;
  if (typeof dryRun !== 'boolean') throw badField('dryRun', 'dryRun must be true or false');
  return { dryRun, input };
}

function filterOf({ status, customerId, productId, serverId }: NonNullable<BulkOperationDto['filter']>): BulkFilter {
  return {
    status,
    customerId: customerId && idOf('cust', customerId, 'filter.customerId'),
    productId: productId && idOf('prod', productId, 'filter.productId'),
    serverId: serverId && idOf('node', serverId, 'filter.serverId'),
  };
}

function idOf(prefix: IdPrefix, text: string, path: string): string {
  try {
    return fromPublicId(prefix, text);
  } catch (error) {
    if (error instanceof InvalidIdError) throw badField(path, error.message);
    throw error;
  }
}

function badField(path: string, message: string): ProblemError {
  return new ProblemError(400, { code: 'validation-failed', detail: message, errors: [{ path, message }] });
}

function outcomeOf(outcome: BulkOutcome): BulkOutcomeDto {
  const serviceId = toPublicId('srv', outcome.serviceId);
  if ('taskId' in outcome) return { serviceId, jobId: toPublicId('job', outcome.taskId) };
  if ('plan' in outcome) return { serviceId, plan: planOf(outcome.plan) };
  const { status, options } = problemOf(outcome.refused);
  const { code, detail, errors, members } = options;
  return { serviceId, problem: { status, code, detail, ...(errors && { errors }), ...members } };
}
