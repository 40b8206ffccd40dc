import { type Customer, CustomerNotFoundError, CustomersService, type Principal } from '@keelson/customers';
import { toPublicId } from '@keelson/database';
import { Body, Controller, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '../openapi/api-docs.decorator.js';
import { Access } from '../access/access.decorator.js';
import { actorOf, Caller, ownCustomerId } from '../access/caller.decorator.js';
import { Idempotent } from '../idempotency/idempotency.interceptor.js';
import { ProblemError } from '../problem/problem.errors.js';
import { PageQueryDto } from '../shared/page.dto.js';
import {
  ChangeCustomerDto,
  CreateCustomerDto,
  CustomerAnswerDto,
  type CustomerDto,
  CustomersAnswerDto,
} from './customers.dto.js';

@ApiTags('customers')
@Controller('api/customers')
export class CustomersController {
  constructor(private readonly customers: CustomersService) {}

  @Access('customers', 'admin', 'operator')
  @Idempotent()
  @Post()
  @ApiOperation({ summary: 'Makes a customer. 409 carries the id of the one who has the address.' })
  @ApiCreatedResponse({ type: CustomerAnswerDto })
  async create(@Caller() caller: Principal, @Body() body: CreateCustomerDto): Promise<CustomerAnswerDto> {
    return { data: customerOf(await this.customers.create(body, actorOf(caller))) };
  }

  @Access('customers', 'admin', 'operator', 'customer')
  @Get()
  @ApiOperation({ summary: 'Customers, newest first; customers see themselves' })
  @ApiOkResponse({ type: CustomersAnswerDto })
  async list(@Caller() caller: Principal, @Query() page: PageQueryDto): Promise<CustomersAnswerDto> {
    const { limit, offset } = page;
    const own = ownCustomerId(caller);
    if (own !== undefined) {
      const data = offset === 0 ? [customerOf(await this.customers.get(own))] : [];
      return { data, total: 1, limit, offset };
    }
    const { customers, total } = await this.customers.list({ limit, offset });
    return { data: customers.map(customerOf), total, limit, offset };
  }

  @Access('customers', 'admin', 'operator', 'customer')
  @Get(':id')
  @ApiOperation({ summary: 'One customer' })
  @ApiOkResponse({ type: CustomerAnswerDto })
  async show(@Caller() caller: Principal, @Param('id') id: string): Promise<CustomerAnswerDto> {
    return { data: customerOf(await this.visible(caller, id)) };
  }

  @Access('customers', 'admin', 'operator', 'customer')
  @Patch(':id')
  @ApiOperation({ summary: 'Changes the fields given' })
  @ApiOkResponse({ type: CustomerAnswerDto })
  async change(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @Body() body: ChangeCustomerDto,
  ): Promise<CustomerAnswerDto> {
    const customer = await this.visible(caller, id);
    if (caller.role === 'customer' && (body.status !== undefined || body.email !== undefined)) {
      throw new ProblemError(403, { code: 'forbidden', detail: 'E-mail address and status are changed by our staff.' });
    }
    return { data: customerOf(await this.customers.patch(customer.id, body, actorOf(caller))) };
  }

  private async visible(caller: Principal, id: string): Promise<Customer> {
    const own = ownCustomerId(caller);
    const customer = await this.customers.get(id);
    if (own !== undefined && customer.id !== own) throw new CustomerNotFoundError();
    return customer;
  }
}

function customerOf(customer: Customer): CustomerDto {
  const { name, email, company, phone, address, status } = customer;
  return {
    id: toPublicId('cust', customer.id),
    name,
    email,
    company,
    phone,
    address,
    status,
    createdAt: customer.createdAt.toISOString(),
    updatedAt: customer.updatedAt.toISOString(),
  };
}
