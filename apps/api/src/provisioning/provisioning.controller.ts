import { ProductsService } from '@keelson/catalogue';
import { CustomerNotFoundError, CustomersService, type Principal } from '@keelson/customers';
import { fromPublicId, inTransaction, toPublicId } from '@keelson/database';
import { type Service, ServicesService } from '@keelson/hosting';
import { ProvisioningService } from '@keelson/provisioning';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '../openapi/api-docs.decorator.js';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Access } from '../access/access.decorator.js';
import { Caller, ownCustomerId } from '../access/caller.decorator.js';
import { Idempotent } from '../idempotency/idempotency.interceptor.js';
import { ProblemError } from '../problem/problem.errors.js';
import { PageQueryDto } from '../shared/page.dto.js';
import {
  ProvisionAnswerDto,
  ProvisionDto,
  RemovedDto,
  StatsDto,
  SteeredDto,
  TaskDto,
  TasksAnswerDto,
  TasksQueryDto,
} from './provisioning.dto.js';
import { taskOf } from './task.mapper.js';

const required = ['serviceId', 'customerId', 'productId', 'domain'] as const;

@ApiTags('provisioning')
@Controller('api/provisioning')
export class ProvisioningController {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly provisioning: ProvisioningService,
    private readonly services: ServicesService,
    private readonly customers: CustomersService,
    private readonly products: ProductsService,
  ) {}

  @Access('provisioning', 'admin', 'operator', 'customer')
  @Idempotent()
  @Post('provision')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Starts the job that makes a pending service exist. 409 carries the job that is there already.',
  })
  @ApiAcceptedResponse({ type: ProvisionAnswerDto })
  async provision(@Caller() caller: Principal, @Body() body: ProvisionDto): Promise<ProvisionAnswerDto> {
    const order = complete(body);
    const service = await this.services.get(fromPublicId('srv', order.serviceId));
    await this.refuseForeign(caller, service, order.customerId);
    await this.refuseOther(service, order);
    const { taskId } = await inTransaction(this.dataSource, (manager) =>
      this.provisioning.start(manager, { serviceId: service.id }),
    );
    return {
      message: 'Provisioning job queued',
      jobId: toPublicId('job', taskId),
      serviceId: toPublicId('srv', service.id),
      status: 'queued',
    };
  }

  @Access('provisioning', 'admin', 'operator', 'customer')
  @Get('tasks')
  @ApiOperation({ summary: 'Jobs, newest first' })
  @ApiOkResponse({ type: TasksAnswerDto })
  async list(@Caller() caller: Principal, @Query() query: TasksQueryDto): Promise<TasksAnswerDto> {
    const { status, limit, offset } = query;
    const { items, total } = await this.provisioning.list({ status, limit, offset, customerId: ownCustomerId(caller) });
    return { tasks: items.map(taskOf), total, limit, offset };
  }

  @Access('provisioning', 'admin', 'operator', 'customer')
  @Get('tasks/:id')
  @ApiOperation({ summary: 'One job with its steps' })
  @ApiOkResponse({ type: TaskDto })
  async show(@Caller() caller: Principal, @Param('id') id: string): Promise<TaskDto> {
    return taskOf(await this.provisioning.view(fromPublicId('job', id), ownCustomerId(caller)));
  }

  @Access('provisioning', 'admin', 'operator')
  @Idempotent()
  @Post('retry/:id')
  @HttpCode(202)
  @ApiOperation({ summary: 'Runs a job again that failed, waits or needs a person' })
  @ApiAcceptedResponse({ type: SteeredDto })
  async retry(@Param('id') id: string): Promise<SteeredDto> {
    const taskId = fromPublicId('job', id);
    await this.provisioning.retry(taskId);
    return this.steered('Provisioning job queued again', taskId);
  }

  @Access('provisioning', 'admin', 'operator')
  @Idempotent()
  @Post('cancel/:id')
  @HttpCode(202)
  @ApiOperation({ summary: 'Asks a job to stop; what was done is taken back' })
  @ApiAcceptedResponse({ type: SteeredDto })
  async cancel(@Param('id') id: string): Promise<SteeredDto> {
    const taskId = fromPublicId('job', id);
    await this.provisioning.cancel(taskId);
    return this.steered('Provisioning job is being cancelled', taskId);
  }

  @Access('provisioning', 'admin', 'operator')
  @Get('stats')
  @ApiOperation({ summary: 'Number of jobs by status' })
  @ApiOkResponse({ type: StatsDto })
  async stats(): Promise<StatsDto> {
    const tasks = await this.provisioning.stats();
    return { tasks, total: Object.values(tasks).reduce((sum, count) => sum + count, 0) };
  }

  @Access('provisioning', 'admin', 'operator')
  @Get('failed')
  @ApiOperation({ summary: 'Jobs that failed or need a person' })
  @ApiOkResponse({ type: TasksAnswerDto })
  async failed(@Query() { limit, offset }: PageQueryDto): Promise<TasksAnswerDto> {
    const { items, total } = await this.provisioning.failed({ limit, offset });
    return { tasks: items.map(taskOf), total, limit, offset };
  }

  @Access('provisioning', 'admin', 'operator')
  @Delete('failed')
  @ApiOperation({ summary: 'Forgets failed jobs; their services stay' })
  @ApiOkResponse({ type: RemovedDto })
  async clearFailed(): Promise<RemovedDto> {
    return { removed: await this.provisioning.clearFailed() };
  }

  private async steered(message: string, taskId: string): Promise<SteeredDto> {
    const { status } = await this.provisioning.view(taskId);
    return { message, jobId: toPublicId('job', taskId), status };
  }

  private async refuseForeign(caller: Principal, service: Service, customerText: string): Promise<void> {
    const own = ownCustomerId(caller);
    const named = await this.customers.get(customerText).catch((thrown: unknown) => {
      if (thrown instanceof CustomerNotFoundError && own !== undefined) return undefined;
      throw thrown;
    });
    if (named?.id === service.customerId && (own === undefined || own === service.customerId)) return;
    throw new ProblemError(403, { code: 'foreign-service', detail: 'The service belongs to another customer.' });
  }

  private async refuseOther(service: Service, order: { productId: string; domain: string }): Promise<void> {
    const product = await this.products.find(order.productId);
    const wrong = [
      ...(product?.id === service.productId
        ? []
        : [{ path: 'productId', message: 'The service is of another product.' }]),
      ...(order.domain === service.domain ? [] : [{ path: 'domain', message: 'The service has another domain.' }]),
    ];
    if (wrong.length === 0) return;
    const detail = wrong.map(({ message }) => message).join(' ');
    throw new ProblemError(400, { code: 'other-service', detail, errors: wrong });
  }
}

function complete(body: ProvisionDto): Required<ProvisionDto> {
  const missing = required.filter((field) => body[field] === undefined || body[field] === null);
  if (missing.length === 0) return body as Required<ProvisionDto>;
  throw new ProblemError(400, {
    code: 'missing-fields',
    detail: `Missing required fields: ${missing.join(', ')}.`,
    errors: missing.map((path) => ({ path, message: `${path} is required` })),
    members: { required: missing },
  });
}
