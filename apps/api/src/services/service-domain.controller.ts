import type { Principal } from '@keelson/customers';
import { fromPublicId, toPublicId } from '@keelson/database';
import { type Domain, DomainsService, ServicesService } from '@keelson/hosting';
import { DomainTransfers } from '@keelson/provisioning';
import { Body, Controller, Get, HttpCode, Param, Put } from '@nestjs/common';
import { Access } from '../access/access.decorator.js';
import { Caller, ownCustomerId } from '../access/caller.decorator.js';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '../openapi/api-docs.decorator.js';
import { AuthCodeDto, AuthCodeTakenDto, ServiceDomainAnswerDto, type ServiceDomainDto } from './service-domain.dto.js';

/** The domain of a service. */
@ApiTags('services')
@Controller('api/services')
export class ServiceDomainController {
  constructor(
    private readonly services: ServicesService,
    private readonly domains: DomainsService,
    private readonly transfers: DomainTransfers,
  ) {}

  @Access('services', 'admin', 'operator', 'customer')
  @Get(':id/domain')
  @ApiOperation({ summary: 'The domain of the service: when it expires, and what keeps it from being had' })
  @ApiOkResponse({ type: ServiceDomainAnswerDto })
  async show(@Caller() caller: Principal, @Param('id') id: string): Promise<ServiceDomainAnswerDto> {
    const service = await this.services.get(fromPublicId('srv', id), ownCustomerId(caller));
    const domain = await this.domains.ofService(service.id);
    return { data: domain === undefined ? null : domainOf(domain) };
  }

  /** Setting the same code again changes nothing, so that it needs no Idempotency-Key. */
  @Access('services', 'admin', 'operator', 'customer')
  @Put(':id/domain/auth-code')
  @HttpCode(202)
  @ApiOperation({ summary: 'Another auth code for a domain that is moved to us; a transfer that failed goes on' })
  @ApiAcceptedResponse({ type: AuthCodeTakenDto })
  async giveAuthCode(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @Body() { authCode }: AuthCodeDto,
  ): Promise<AuthCodeTakenDto> {
    const service = { serviceId: fromPublicId('srv', id), customerId: ownCustomerId(caller) };
    const { taskId, status } = await this.transfers.giveAuthCode(service, authCode);
    return { message: 'Auth code taken', jobId: toPublicId('job', taskId), status };
  }
}

function domainOf({ name, mode, status, expiresAt, dnssec, problem }: Domain): ServiceDomainDto {
  return {
    name,
    mode,
    status,
    expiresAt: expiresAt?.toISOString() ?? null,
    dnssec,
    problem: problem === null ? null : { remedy: null, ...problem },
  };
}
