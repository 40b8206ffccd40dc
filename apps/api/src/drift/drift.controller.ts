import type { Principal } from '@keelson/customers';
import { fromPublicId } from '@keelson/database';
import { AdoptionService, DriftService, Reconciler, type Requester } from '@keelson/provisioning';
import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { Access } from '../access/access.decorator.js';
import { actorOf, Caller } from '../access/caller.decorator.js';
import { Idempotent } from '../idempotency/idempotency.interceptor.js';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '../openapi/api-docs.decorator.js';
import {
  AdoptAnswerDto,
  AdoptDto,
  ApplyAnswerDto,
  ApplyDto,
  FindingAnswerDto,
  FindingsAnswerDto,
  FindingsQueryDto,
  IgnoreDto,
  ObservationsAnswerDto,
  ObserveDto,
  PlanAnswerDto,
  PlanDto,
} from './drift.dto.js';
import { adoptionOf, appliedOf, findingOf, observationOf, planOf } from './drift.mapper.js';

@ApiTags('drift')
@Controller('api/drift')
export class DriftController {
  constructor(
    private readonly drift: DriftService,
    private readonly reconciler: Reconciler,
    private readonly adoption: AdoptionService,
  ) {}

  @Access('*', 'admin', 'operator')
  @Get()
  @ApiOperation({ summary: 'Differences between vendors and what we believe, newest first' })
  @ApiOkResponse({ type: FindingsAnswerDto })
  async list(@Query() { status, serviceId, ...query }: FindingsQueryDto): Promise<FindingsAnswerDto> {
    const { items, total } = await this.drift.list({
      ...query,
      ...(status !== 'all' && { status }),
      ...(serviceId !== undefined && { serviceId: fromPublicId('srv', serviceId) }),
    });
    return { data: items.map(findingOf), total, limit: query.limit, offset: query.offset };
  }

  @Access('*', 'admin', 'operator')
  @Get('observations')
  @ApiOperation({ summary: 'The last look at each connection' })
  @ApiOkResponse({ type: ObservationsAnswerDto })
  async observations(): Promise<ObservationsAnswerDto> {
    return { data: (await this.reconciler.latest()).map(observationOf) };
  }

  @Access('*', 'admin', 'operator')
  @Get(':id')
  @ApiOperation({ summary: 'One difference with its history' })
  @ApiOkResponse({ type: FindingAnswerDto })
  async show(@Param('id') id: string): Promise<FindingAnswerDto> {
    const { finding, history } = await this.drift.show(fromPublicId('drift', id));
    return {
      data: findingOf(finding),
      history: history.map(({ at, type, data }) => ({ at: at.toISOString(), type, data })),
    };
  }

  @Access('*', 'admin')
  @Post('observe')
  @HttpCode(200)
  @ApiOperation({ summary: 'Looks now at one connection or all. What a vendor did not answer is in its observation.' })
  @ApiOkResponse({ type: ObservationsAnswerDto })
  async observe(@Body() body: ObserveDto): Promise<ObservationsAnswerDto> {
    return { data: (await this.reconciler.observe(body)).map(observationOf) };
  }

  @Access('*', 'admin', 'operator')
  @Post('plan')
  @HttpCode(200)
  @ApiOperation({ summary: 'What would be repaired now; changes nothing' })
  @ApiOkResponse({ type: PlanAnswerDto })
  async plan(@Body() { connection, ids }: PlanDto): Promise<PlanAnswerDto> {
    return planOf(await this.drift.plan({ connection, ids: ids?.map(findingId) }));
  }

  @Access('*', 'admin')
  @Idempotent()
  @Post('apply')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Has the plan done. 409 when it would touch too much at once, or is no longer the one shown.',
  })
  @ApiAcceptedResponse({ type: ApplyAnswerDto })
  async apply(
    @Caller() caller: Principal,
    @Body() { connection, ids, fingerprint }: ApplyDto,
  ): Promise<ApplyAnswerDto> {
    const requestedBy: Requester = { actor: actorOf(caller), role: caller.role };
    return appliedOf(await this.drift.apply({ connection, ids: ids?.map(findingId), fingerprint }, requestedBy));
  }

  @Access('*', 'admin')
  @Idempotent()
  @Post('adopt')
  @HttpCode(200)
  @ApiOperation({ summary: 'Brings accounts of a panel under management; a dry run unless `dryRun` is false' })
  @ApiOkResponse({ type: AdoptAnswerDto })
  async adopt(@Caller() caller: Principal, @Body() body: AdoptDto): Promise<AdoptAnswerDto> {
    const decisions = await this.adoption.adopt(body, actorOf(caller));
    return { dryRun: body.dryRun, data: decisions.map(adoptionOf) };
  }

  @Access('*', 'admin', 'operator')
  @Post(':id/ignore')
  @HttpCode(200)
  @ApiOperation({ summary: 'Leaves a difference as it is, until it changes or disappears' })
  @ApiOkResponse({ type: FindingAnswerDto })
  async ignore(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @Body() { reason }: IgnoreDto,
  ): Promise<FindingAnswerDto> {
    await this.drift.ignore(findingId(id), reason, actorOf(caller));
    return this.show(id);
  }

  @Access('*', 'admin', 'operator')
  @Post(':id/reopen')
  @HttpCode(200)
  @ApiOperation({ summary: 'Opens an ignored difference again. 409 when it is not ignored.' })
  @ApiOkResponse({ type: FindingAnswerDto })
  async reopen(@Caller() caller: Principal, @Param('id') id: string): Promise<FindingAnswerDto> {
    await this.drift.reopen(findingId(id), actorOf(caller));
    return this.show(id);
  }
}

function findingId(id: string): string {
  return fromPublicId('drift', id);
}
