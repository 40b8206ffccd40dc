import type { Principal } from '@keelson/customers';
import { fromPublicId } from '@keelson/database';
import { SuspensionRules } from '@keelson/provisioning';
import { Body, Controller, Delete, HttpCode, Param, Put } from '@nestjs/common';
import { Access } from '../access/access.decorator.js';
import { Caller } from '../access/caller.decorator.js';
import { requesterOf } from '../access/requester.js';
import { ApiNoContentResponse, ApiOperation, ApiTags } from '../openapi/api-docs.decorator.js';
import { ProblemError } from '../problem/problem.errors.js';
import { ExemptionDto } from './suspension-rules.dto.js';

/** What keeps a service suspended, or from being suspended. */
@ApiTags('services')
@Controller('api/services')
export class SuspensionRulesController {
  constructor(private readonly rules: SuspensionRules) {}

  @Access('services', 'admin', 'operator')
  @Put(':id/suspend-exemption')
  @HttpCode(204)
  @ApiOperation({ summary: 'Until then nobody but an administrator suspends the service' })
  @ApiNoContentResponse()
  async exempt(@Caller() caller: Principal, @Param('id') id: string, @Body() body: ExemptionDto): Promise<void> {
    const until = new Date(body.until);
    if (until <= new Date()) {
      const message = 'until must lie in the future';
      throw new ProblemError(400, { code: 'validation-failed', detail: message, errors: [{ path: 'until', message }] });
    }
    await this.rules.exempt(fromPublicId('srv', id), until, body.reason, requesterOf(caller));
  }

  @Access('services', 'admin', 'operator')
  @Delete(':id/suspend-exemption')
  @HttpCode(204)
  @ApiOperation({ summary: 'Ends the exemption' })
  @ApiNoContentResponse()
  async endExemption(@Caller() caller: Principal, @Param('id') id: string): Promise<void> {
    await this.rules.endExemption(fromPublicId('srv', id), requesterOf(caller));
  }

  @Access('services', 'admin')
  @Delete(':id/suspend-hold')
  @HttpCode(204)
  @ApiOperation({ summary: 'The service stays suspended, but operators and the automation may unsuspend it again' })
  @ApiNoContentResponse()
  async releaseHold(@Caller() caller: Principal, @Param('id') id: string): Promise<void> {
    await this.rules.releaseHold(fromPublicId('srv', id), requesterOf(caller));
  }
}
