import type { Principal } from '@keelson/customers';
import { fromPublicId, toPublicId } from '@keelson/database';
import { ServicesService, type ServiceUsage, ServiceUsages } from '@keelson/hosting';
import { SignOnService, UsageCollector } from '@keelson/provisioning';
import { Controller, Get, Header, HttpCode, Param, Post } from '@nestjs/common';
import { Access } from '../access/access.decorator.js';
import { Caller, ownCustomerId } from '../access/caller.decorator.js';
import { requesterOf } from '../access/requester.js';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '../openapi/api-docs.decorator.js';
import { LoginLinkDto, type UsageDto, UsageAnswerDto } from './service-access.dto.js';

const shownDays = 31;

/** The way into a service, and what it uses. */
@ApiTags('services')
@Controller('api/services')
export class ServiceAccessController {
  constructor(
    private readonly services: ServicesService,
    private readonly usages: ServiceUsages,
    private readonly signOn: SignOnService,
    private readonly collector: UsageCollector,
  ) {}

  /** Every call makes another link: an Idempotency-Key would only keep a secret that no longer opens anything. */
  @Access('services', 'admin', 'operator', 'customer')
  @Post(':id/login-link')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'A link that opens the panel once, without a password' })
  @ApiCreatedResponse({ type: LoginLinkDto })
  async loginLink(@Caller() caller: Principal, @Param('id') id: string): Promise<LoginLinkDto> {
    const { url, expiresAt } = await this.signOn.createLink(fromPublicId('srv', id), requesterOf(caller));
    return { url, expiresAt: expiresAt?.toISOString() ?? null };
  }

  /** Repeating it measures again: the last measurement of a day stays. */
  @Access('services', 'admin', 'operator')
  @Post(':id/usage')
  @HttpCode(200)
  @ApiOperation({ summary: 'Asks the panel now what the service uses, beside the schedule of every six hours' })
  @ApiOkResponse({ type: UsageAnswerDto })
  async measure(@Caller() caller: Principal, @Param('id') id: string): Promise<UsageAnswerDto> {
    await this.collector.measure(fromPublicId('srv', id));
    return this.usage(caller, id);
  }

  @Access('services', 'admin', 'operator', 'customer')
  @Get(':id/usage')
  @ApiOperation({ summary: 'What the service uses, by its last measurement of each of the last 31 days' })
  @ApiOkResponse({ type: UsageAnswerDto })
  async usage(@Caller() caller: Principal, @Param('id') id: string): Promise<UsageAnswerDto> {
    const service = await this.services.get(fromPublicId('srv', id), ownCustomerId(caller));
    const days = (await this.usages.history(service.id, shownDays)).map(usageOf);
    return { serviceId: toPublicId('srv', service.id), data: days[0] ?? null, history: days };
  }
}

function usageOf({ serviceId: _serviceId, measuredAt, ...figures }: ServiceUsage): UsageDto {
  return { ...figures, measuredAt: measuredAt.toISOString() };
}
