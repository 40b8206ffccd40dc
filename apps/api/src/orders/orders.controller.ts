import { OrdersService } from '@keelson/billing';
import type { Principal } from '@keelson/customers';
import { fromPublicId } from '@keelson/database';
import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { Access } from '../access/access.decorator.js';
import { actorOf, Caller } from '../access/caller.decorator.js';
import { Idempotent } from '../idempotency/idempotency.interceptor.js';
import { ApiOkResponse, ApiOperation, ApiTags } from '../openapi/api-docs.decorator.js';
import { orderOf } from './order.mapper.js';
import { DecideOrderDto, OrderAnswerDto, OrdersAnswerDto, OrdersQueryDto } from './orders.dto.js';

/** Orders as operators see them, and what they decide about those that are held. */
@ApiTags('orders')
@Controller('api/orders')
export class OrdersController {
  constructor(private readonly orders: OrdersService) {}

  @Access('*', 'admin', 'operator')
  @Get()
  @ApiOperation({ summary: 'Orders of a status, newest first: what was quoted, what was paid, why it is held' })
  @ApiOkResponse({ type: OrdersAnswerDto })
  async list(@Query() { status, limit, offset }: OrdersQueryDto): Promise<OrdersAnswerDto> {
    const { items, total } = await this.orders.list({ status, limit, offset });
    return { data: items.map(orderOf), total, limit, offset };
  }

  @Access('*', 'admin', 'operator')
  @Idempotent()
  @Post(':id/accept')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Gives the customer what was ordered although it is held. 409 when it is not held, or cannot be given.',
  })
  @ApiOkResponse({ type: OrderAnswerDto })
  async accept(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @Body() { reason }: DecideOrderDto,
  ): Promise<OrderAnswerDto> {
    return { data: orderOf(await this.orders.accept(fromPublicId('cs', id), { by: actorOf(caller), reason })) };
  }

  @Access('*', 'admin', 'operator')
  @Idempotent()
  @Post(':id/reject')
  @HttpCode(200)
  @ApiOperation({ summary: 'Ends a held order for good; its money is given back. 409 when it is not held.' })
  @ApiOkResponse({ type: OrderAnswerDto })
  async reject(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @Body() { reason }: DecideOrderDto,
  ): Promise<OrderAnswerDto> {
    return { data: orderOf(await this.orders.reject(fromPublicId('cs', id), { by: actorOf(caller), reason })) };
  }
}
