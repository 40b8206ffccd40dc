import { ApiProperty } from '../openapi/api-docs.decorator.js';

export class PlanDto {
  @ApiProperty({ example: 'basic', description: 'What to order by' })
  id: string;

  @ApiProperty({ example: 'Basic' })
  name: string;

  @ApiProperty()
  description: string;

  @ApiProperty({ example: 'hosting' })
  type: string;

  @ApiProperty({ example: 'USD' })
  currency: string;

  @ApiProperty({
    example: { monthly: 9.99, annually: 99.99 },
    description: 'Major units by cycle; only cycles that exist',
  })
  price: Record<string, number>;

  @ApiProperty({ type: [String] })
  features: string[];

  @ApiProperty({ required: false })
  trialDays?: number;

  @ApiProperty({ required: false, description: 'Major units, once' })
  setupFee?: number;
}

export class PlansDto {
  @ApiProperty({ type: [PlanDto] })
  plans: PlanDto[];
}
