import type { Principal } from '@keelson/customers';
import { fromPublicId, toPublicId } from '@keelson/database';
import { type Alert, Alerts } from '@keelson/notifications';
import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { Access } from '../access/access.decorator.js';
import { actorOf, Caller } from '../access/caller.decorator.js';
import { ApiOkResponse, ApiOperation, ApiTags } from '../openapi/api-docs.decorator.js';
import { AlertAnswerDto, type AlertDto, AlertsAnswerDto, AlertsQueryDto } from './alerts.dto.js';

@ApiTags('alerts')
@Controller('api/alerts')
export class AlertsController {
  constructor(private readonly alerts: Alerts) {}

  @Access('*', 'admin', 'operator')
  @Get()
  @ApiOperation({
    summary: 'What operators should know of, newest first; an alert resolves itself when it is no longer so',
  })
  @ApiOkResponse({ type: AlertsAnswerDto })
  async list(@Query() { status, kind, limit, offset }: AlertsQueryDto): Promise<AlertsAnswerDto> {
    const filter = { limit, offset, ...(status !== 'all' && { status }), ...(kind !== undefined && { kind }) };
    const { items, total } = await this.alerts.list(filter);
    return { data: items.map(alertOf), total, limit, offset };
  }

  @Access('*', 'admin', 'operator')
  @Post(':id/acknowledge')
  @HttpCode(200)
  @ApiOperation({ summary: 'Says that the caller looks after it' })
  @ApiOkResponse({ type: AlertAnswerDto })
  async acknowledge(@Caller() caller: Principal, @Param('id') id: string): Promise<AlertAnswerDto> {
    return { data: alertOf(await this.alerts.acknowledge(fromPublicId('alert', id), actorOf(caller))) };
  }
}

function alertOf(alert: Alert): AlertDto {
  const { kind, severity, title, detail, facts, status, acknowledgedBy } = alert;
  return {
    id: toPublicId('alert', alert.id),
    kind,
    severity,
    title,
    detail,
    facts,
    status,
    raisedAt: alert.raisedAt.toISOString(),
    seenAt: alert.seenAt.toISOString(),
    worsenedAt: alert.worsenedAt?.toISOString() ?? null,
    resolvedAt: alert.resolvedAt?.toISOString() ?? null,
    acknowledgedBy,
  };
}
