import type { Principal } from '@keelson/customers';
import { LicenceQuotas, LicenceReports, type LicenceResource, Licences, type LicenceView } from '@keelson/hosting';
import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { Access } from '../access/access.decorator.js';
import { Caller, ownCustomerId } from '../access/caller.decorator.js';
import { Idempotent } from '../idempotency/idempotency.interceptor.js';
import { ApiOkResponse, ApiOperation, ApiTags } from '../openapi/api-docs.decorator.js';
import {
  QuotaDto,
  QuotaQueryDto,
  ReportQueryDto,
  type ResourceUsageDto,
  UpdatedUsageDto,
  UpdateUsageDto,
  UsageAlertsDto,
  UsageReportDto,
} from './usage.dto.js';

const reportDays = 30;

@ApiTags('billing v1')
@Controller('api/v1/usage')
export class UsageController {
  constructor(
    private readonly licences: Licences,
    private readonly quotas: LicenceQuotas,
    private readonly reports: LicenceReports,
  ) {}

  @Access('licences', 'admin', 'operator', 'customer')
  @Idempotent()
  @Post('update')
  @HttpCode(200)
  @ApiOperation({ summary: 'A panel reports what it created or removed' })
  @ApiOkResponse({ type: UpdatedUsageDto })
  async update(@Caller() caller: Principal, @Body() body: UpdateUsageDto): Promise<UpdatedUsageDto> {
    const { resource_type: resource, delta } = body;
    const { licence } = await this.licences.get(body.license_id, ownCustomerId(caller));
    const { current, maximum } = await this.quotas.report(licence.id, resource, delta);
    return {
      status: 'success',
      license_id: licence.number,
      resource_type: resource,
      current_count: current,
      max_count: maximum,
    };
  }

  @Access('licences', 'admin', 'operator', 'customer')
  @Get('quota')
  @ApiOperation({ summary: 'What licences allow and what is used' })
  @ApiOkResponse({ type: QuotaDto })
  async quota(@Caller() caller: Principal, @Query() { license_id: licence }: QuotaQueryDto): Promise<QuotaDto> {
    const views = await this.reports.select({ customerId: ownCustomerId(caller), licence });
    const sum = (resource: LicenceResource) => sumOf(views, resource);
    const [accounts, domains, databases, emails] = [sum('accounts'), sum('domains'), sum('databases'), sum('emails')];
    return {
      license_id: licence === undefined ? null : (views[0]?.licence.number ?? null),
      ...{ max_accounts: accounts.max, current_accounts: accounts.current },
      ...{ max_domains: domains.max, current_domains: domains.current },
      ...{ max_databases: databases.max, current_databases: databases.current },
      ...{ max_emails: emails.max, current_emails: emails.current },
      accounts_available: accounts.free,
      domains_available: domains.free,
      databases_available: databases.free,
      emails_available: emails.free,
    };
  }

  @Access('licences', 'admin', 'operator', 'customer')
  @Get('report')
  @ApiOperation({ summary: 'Use of every licence' })
  @ApiOkResponse({ type: UsageReportDto })
  async report(@Caller() caller: Principal, @Query() query: ReportQueryDto): Promise<UsageReportDto> {
    const end = query.end_date === undefined ? new Date() : new Date(query.end_date);
    const start =
      query.start_date === undefined ? new Date(end.getTime() - reportDays * 86_400_000) : new Date(query.start_date);
    const views = await this.reports.select({ customerId: ownCustomerId(caller), licence: query.license_id });
    return {
      start_date: start.toISOString(),
      end_date: end.toISOString(),
      licenses: views.map((view) => ({
        license_id: view.licence.number,
        license_key: this.licences.keyOf(view.licence),
        status: view.status,
        accounts: usageOf(view, 'accounts'),
        domains: usageOf(view, 'domains'),
        databases: usageOf(view, 'databases'),
        emails: usageOf(view, 'emails'),
      })),
      summary: {
        total_licenses: views.length,
        active_licenses: views.filter(({ status }) => status === 'active').length,
        domains_registered_in_period: await this.reports.countDomains(views, start, end),
      },
    };
  }

  @Access('licences', 'admin', 'operator', 'customer')
  @Get('alerts')
  @ApiOperation({ summary: 'What is nearly used up: a warning from 80 %, critical from 95 %' })
  @ApiOkResponse({ type: UsageAlertsDto })
  async alerts(@Caller() caller: Principal): Promise<UsageAlertsDto> {
    const found = await this.reports.alerts({ customerId: ownCustomerId(caller) });
    const alerts = found.map(({ view, resource, severity }) => ({
      license_id: view.licence.number,
      resource,
      ...usageOf(view, resource),
      severity,
    }));
    return { alerts, total_alerts: alerts.length };
  }
}

function sumOf(views: readonly LicenceView[], resource: LicenceResource) {
  const all = views.map(({ usage }) => usage[resource]);
  const max = all.reduce((sum, { maximum }) => sum + maximum, 0);
  const current = all.reduce((sum, one) => sum + one.current, 0);
  return { max, current, free: Math.max(0, max - current) };
}

function usageOf({ usage }: LicenceView, resource: LicenceResource): ResourceUsageDto {
  const { current, maximum } = usage[resource];
  const percent = maximum === 0 ? 0 : Math.round((current / maximum) * 10_000) / 100;
  return { current, max: maximum, usage_percent: percent };
}
