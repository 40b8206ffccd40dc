import { type CheckoutStatus, checkoutStatuses } from '@keelson/billing';
import { IsIn } from 'class-validator';
import { ApiProperty } from '../openapi/api-docs.decorator.js';
import { OneLine } from '../shared/input.decorator.js';
import { PageQueryDto } from '../shared/page.dto.js';

export class OrdersQueryDto extends PageQueryDto {
  @ApiProperty({ enum: checkoutStatuses, required: false, default: 'review', description: 'review: paid and held' })
  @IsIn(checkoutStatuses)
  status: CheckoutStatus = 'review';
}

export class DecideOrderDto {
  @OneLine(500, { description: 'Why; kept with the order and in the audit log', example: 'Paid the rest by transfer.' })
  reason: string;
}

export class OrderMoneyDto {
  @ApiProperty({ description: 'Minor units', example: 999 })
  amount: number;

  @ApiProperty({ example: 'USD' })
  currency: string;
}

export class OrderPaymentDto extends OrderMoneyDto {
  @ApiProperty({ example: 'pay_…' })
  id: string;

  @ApiProperty({ description: 'Id at the payment provider', example: 'pi_…' })
  vendorId: string;

  @ApiProperty({ enum: ['succeeded', 'processing', 'failed', 'cancelled', 'requires_action'] })
  status: string;

  @ApiProperty({ description: 'What went back of it, in minor units' })
  refunded: number;
}

export class OrderDecisionDto {
  @ApiProperty({ example: 'user:…', description: '`system`: the money was given back at the payment provider' })
  by: string;

  @ApiProperty()
  reason: string;

  @ApiProperty()
  at: string;
}

export class OrderCustomerDto {
  @ApiProperty({ example: 'cust_…', nullable: true })
  id: string | null;

  @ApiProperty({ example: 'ada@example.com' })
  email: string;

  @ApiProperty({ nullable: true })
  name: string | null;
}

export class OrderDto {
  @ApiProperty({ example: 'cs_…' })
  id: string;

  @ApiProperty({ enum: checkoutStatuses })
  status: string;

  @ApiProperty({ nullable: true, description: 'Why it was held' })
  reviewReason: string | null;

  @ApiProperty({ type: OrderCustomerDto })
  customer: OrderCustomerDto;

  @ApiProperty({ example: 'basic' })
  plan: string;

  @ApiProperty({ example: 'monthly' })
  billingCycle: string;

  @ApiProperty({ nullable: true, example: 'example.com' })
  domain: string | null;

  @ApiProperty({ nullable: true, example: 'WELCOME10' })
  couponCode: string | null;

  @ApiProperty({ type: OrderMoneyDto })
  quoted: OrderMoneyDto;

  @ApiProperty({ type: [OrderPaymentDto], description: 'What was paid, first payment first' })
  payments: OrderPaymentDto[];

  @ApiProperty({ nullable: true, type: OrderDecisionDto })
  decision: OrderDecisionDto | null;

  @ApiProperty({
    description:
      'Rejected, and money of it has not gone back yet. It does by itself, or at the payment provider by hand.',
  })
  refundDue: boolean;

  @ApiProperty({ nullable: true, description: 'Why it could not be given back when it was last tried' })
  refundError: string | null;

  @ApiProperty()
  createdAt: string;
}

export class OrdersAnswerDto {
  @ApiProperty({ type: [OrderDto] })
  data: OrderDto[];

  @ApiProperty({ description: 'how many there are in all, counted up to 10,000' })
  total: number;

  @ApiProperty()
  limit: number;

  @ApiProperty()
  offset: number;
}

export class OrderAnswerDto {
  @ApiProperty({ type: OrderDto })
  data: OrderDto;
}
