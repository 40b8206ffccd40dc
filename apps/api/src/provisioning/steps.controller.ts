import type { Principal } from '@keelson/customers';
import { fromPublicId, toPublicId } from '@keelson/database';
import { OperatorDesk, ProvisioningService } from '@keelson/provisioning';
import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { Access } from '../access/access.decorator.js';
import { actorOf, Caller } from '../access/caller.decorator.js';
import { Idempotent } from '../idempotency/idempotency.interceptor.js';
import { ApiAcceptedResponse, ApiOperation, ApiTags } from '../openapi/api-docs.decorator.js';
import { SteeredDto } from './provisioning.dto.js';
import { SkipStepDto, StepDoneDto } from './steps.dto.js';

/** What a person decides about one step of a job. */
@ApiTags('provisioning')
@Controller('api/provisioning/tasks/:id/steps/:step')
export class StepsController {
  constructor(
    private readonly desk: OperatorDesk,
    private readonly provisioning: ProvisioningService,
  ) {}

  @Access('provisioning', 'admin', 'operator')
  @Idempotent()
  @Post('skip')
  @HttpCode(202)
  @ApiOperation({ summary: 'Passes over a step that does not get on; the job goes on without it' })
  @ApiAcceptedResponse({ type: SteeredDto })
  async skip(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @Param('step') step: string,
    @Body() { reason }: SkipStepDto,
  ): Promise<SteeredDto> {
    const taskId = fromPublicId('job', id);
    await this.desk.skip(taskId, step, { by: actorOf(caller), reason });
    return this.steered('The step is passed over', taskId);
  }

  @Access('provisioning', 'admin', 'operator')
  @Idempotent()
  @Post('done')
  @HttpCode(202)
  @ApiOperation({ summary: 'Marks a step done that a person did by hand, or one taken back by hand' })
  @ApiAcceptedResponse({ type: SteeredDto })
  async done(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @Param('step') step: string,
    @Body() { evidence, output }: StepDoneDto,
  ): Promise<SteeredDto> {
    const taskId = fromPublicId('job', id);
    await this.desk.markDone(taskId, step, { by: actorOf(caller), evidence, ...(output && { output }) });
    return this.steered('The step is marked done', taskId);
  }

  private async steered(message: string, taskId: string): Promise<SteeredDto> {
    const { status } = await this.provisioning.view(taskId);
    return { message, jobId: toPublicId('job', taskId), status };
  }
}
