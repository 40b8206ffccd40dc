import { UnknownPlanError } from '@keelson/billing';
import { type ProductType, ProductsService } from '@keelson/catalogue';
import { CustomersService, type Principal } from '@keelson/customers';
import { fromPublicId, inTransaction, toPublicId } from '@keelson/database';
import { type Service, ServicesService } from '@keelson/hosting';
import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '../openapi/api-docs.decorator.js';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Access } from '../access/access.decorator.js';
import { Caller, ownCustomerId } from '../access/caller.decorator.js';
import { Idempotent } from '../idempotency/idempotency.interceptor.js';
import { ProblemError } from '../problem/problem.errors.js';
import { PageQueryDto } from '../shared/page.dto.js';
import { CreateServiceDto, ServiceAnswerDto, type ServiceDto, ServicesAnswerDto } from './services.dto.js';

const withDomain: ReadonlySet<ProductType> = new Set(['hosting', 'wordpress', 'email', 'domain']);

@ApiTags('services')
@Controller('api/services')
export class ServicesController {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly services: ServicesService,
    private readonly customers: CustomersService,
    private readonly products: ProductsService,
  ) {}

  /** Staff only: customers get services by paying for them. */
  @Access('services', 'admin', 'operator')
  @Idempotent()
  @Post()
  @ApiOperation({ summary: 'Makes a pending service with its website, domain and zone' })
  @ApiCreatedResponse({ type: ServiceAnswerDto })
  async create(@Body() { customerId, productId, domain }: CreateServiceDto): Promise<ServiceAnswerDto> {
    const customer = await this.customers.get(customerId);
    const product = await this.products.findForSale(productId);
    if (product === undefined) throw new UnknownPlanError(productId);
    if (domain === undefined && withDomain.has(product.type)) {
      const detail = `The product ${product.slug} needs a domain.`;
      throw new ProblemError(400, { code: 'domain-missing', detail, errors: [{ path: 'domain', message: detail }] });
    }
    const service = await inTransaction(this.dataSource, (manager) =>
      this.services.create(manager, {
        customerId: customer.id,
        productId: product.id,
        type: product.type,
        packageName: product.packageName ?? undefined,
        domain,
      }),
    );
    return { data: serviceOf(await this.services.get(service.id)) };
  }

  @Access('services', 'admin', 'operator', 'customer')
  @Get()
  @ApiOperation({ summary: 'Services, newest first' })
  @ApiOkResponse({ type: ServicesAnswerDto })
  async list(@Caller() caller: Principal, @Query() page: PageQueryDto): Promise<ServicesAnswerDto> {
    const { limit, offset } = page;
    const { items, total } = await this.services.list({ customerId: ownCustomerId(caller), limit, offset });
    return { data: items.map(serviceOf), total, limit, offset };
  }

  @Access('services', 'admin', 'operator', 'customer')
  @Get(':id')
  @ApiOperation({ summary: 'One service' })
  @ApiOkResponse({ type: ServiceAnswerDto })
  async show(@Caller() caller: Principal, @Param('id') id: string): Promise<ServiceAnswerDto> {
    return { data: serviceOf(await this.services.get(fromPublicId('srv', id), ownCustomerId(caller))) };
  }
}

function serviceOf(service: Service): ServiceDto {
  const { type, domain, status, degraded, username, ip, nameservers, panelUrl } = service;
  return {
    id: toPublicId('srv', service.id),
    customerId: toPublicId('cust', service.customerId),
    productId: toPublicId('prod', service.productId),
    subscriptionId: service.subscriptionId === null ? null : toPublicId('sub', service.subscriptionId),
    type,
    domain,
    status,
    suspendedAt: service.suspendedAt?.toISOString() ?? null,
    suspendReason: service.suspendReason,
    suspendHold: service.suspendHold,
    suspendExemptUntil: service.suspendExemptUntil?.toISOString() ?? null,
    degraded,
    username,
    ip,
    nameservers,
    panelUrl,
    provisionedAt: service.provisionedAt?.toISOString() ?? null,
    createdAt: service.createdAt.toISOString(),
    updatedAt: service.updatedAt.toISOString(),
  };
}
