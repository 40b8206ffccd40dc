import { LicenceGrants } from '@keelson/billing';
import {
  type Customer,
  CustomerExistsError,
  CustomerNotFoundError,
  CustomersService,
  type Principal,
} from '@keelson/customers';
import { type HostedAccount, HostedAccounts, Licences } from '@keelson/hosting';
import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { Access } from '../access/access.decorator.js';
import { actorOf, Caller, ownCustomerId } from '../access/caller.decorator.js';
import { Idempotent } from '../idempotency/idempotency.interceptor.js';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '../openapi/api-docs.decorator.js';
import { ProblemError } from '../problem/problem.errors.js';
import {
  type AccountV1Dto,
  CreateCustomerV1Dto,
  CustomerDetailV1Dto,
  CustomersV1QueryDto,
  CustomerV1Dto,
  GrantLicenceDto,
  LicenceDto,
} from './customers-v1.dto.js';
import { licenceOf } from './licence.mapper.js';
import { panelUserIdOf } from './panel-contract.js';

@ApiTags('billing v1')
@Controller('api/v1/customers')
export class CustomersV1Controller {
  constructor(
    private readonly customers: CustomersService,
    private readonly licences: Licences,
    private readonly accounts: HostedAccounts,
    private readonly grants: LicenceGrants,
  ) {}

  @Access('customers', 'admin', 'operator')
  @Idempotent()
  @Post()
  @ApiOperation({ summary: 'Makes a customer. 409 carries the id of the one who has the address.' })
  @ApiCreatedResponse({ type: CustomerV1Dto })
  async create(@Caller() caller: Principal, @Body() body: CreateCustomerV1Dto): Promise<CustomerV1Dto> {
    const { email, full_name: name, company_name: company, phone, password, is_active: isActive = true } = body;
    const spec = { email, name, company, phone, password, status: isActive ? 'active' : 'inactive' } as const;
    try {
      return customerOf(await this.customers.create(spec, actorOf(caller)));
    } catch (thrown) {
      if (!(thrown instanceof CustomerExistsError)) throw thrown;
      const { number: id } = await this.customers.get(thrown.customerId);
      throw new ProblemError(409, { code: 'customer-exists', detail: thrown.message, members: { id } });
    }
  }

  @Access('customers', 'admin', 'operator', 'customer')
  @Get()
  @ApiOperation({ summary: 'Customers with their licences and accounts, newest first; customers see themselves' })
  @ApiOkResponse({ type: [CustomerDetailV1Dto] })
  async list(@Caller() caller: Principal, @Query() query: CustomersV1QueryDto): Promise<CustomerDetailV1Dto[]> {
    const { skip: offset, limit } = query;
    const own = ownCustomerId(caller);
    if (own !== undefined) return offset > 0 ? [] : this.detailed([await this.customers.get(own)]);
    return this.detailed((await this.customers.list({ limit, offset })).customers);
  }

  @Access('customers', 'admin', 'operator', 'customer')
  @Get(':id')
  @ApiOperation({ summary: 'One customer with licences and accounts' })
  @ApiOkResponse({ type: CustomerDetailV1Dto })
  async show(@Caller() caller: Principal, @Param('id') id: string): Promise<CustomerDetailV1Dto> {
    const customer = await this.customers.get(id);
    const own = ownCustomerId(caller);
    if (own !== undefined && customer.id !== own) throw new CustomerNotFoundError();
    const [detailed] = await this.detailed([customer]);
    return detailed as CustomerDetailV1Dto;
  }

  @Access('licences', 'admin', 'operator')
  @Idempotent()
  @Post(':id/licenses')
  @ApiOperation({ summary: 'Issues a licence that is good at once' })
  @ApiCreatedResponse({ type: LicenceDto })
  async grant(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @Body() body: GrantLicenceDto,
  ): Promise<LicenceDto> {
    const customer = await this.customers.get(id);
    const { view, subscription } = await this.grants.grant({
      customerId: customer.id,
      plan: body.plan_id,
      cycle: body.billing_cycle,
      withSubscription: body.create_subscription,
      actor: actorOf(caller),
    });
    return licenceOf(view, this.licences.keyOf(view.licence), subscription);
  }

  private async detailed(customers: Customer[]): Promise<CustomerDetailV1Dto[]> {
    const ids = customers.map(({ id }) => id);
    const [views, accounts] = await Promise.all([this.licences.list(ids), this.accounts.list(ids)]);
    const subscriptions = await this.grants.subscriptionsOf(views);
    return customers.map((customer) => ({
      ...customerOf(customer),
      phone: customer.phone,
      licenses: views
        .filter(({ service }) => service.customerId === customer.id)
        .map((view) =>
          licenceOf(view, this.licences.keyOf(view.licence), subscriptions.get(view.service.subscriptionId ?? '')),
        ),
      accounts: accounts.filter(({ service }) => service.customerId === customer.id).map(accountOf),
    }));
  }
}

function customerOf(customer: Customer): CustomerV1Dto {
  return {
    id: customer.number,
    email: customer.email,
    full_name: customer.name,
    company_name: customer.company,
    is_active: customer.status === 'active',
    created_at: customer.createdAt.toISOString(),
  };
}

function accountOf({ service, server, remoteId }: HostedAccount): AccountV1Dto {
  return {
    id: service.number,
    username: service.username ?? '',
    status: service.status,
    domain: service.domain,
    server_id: server.number,
    server_name: server.name,
    ...panelUserIdOf(remoteId),
    created_at: service.createdAt.toISOString(),
  };
}
