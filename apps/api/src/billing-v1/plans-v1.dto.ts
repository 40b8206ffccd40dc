import { ApiProperty } from '../openapi/api-docs.decorator.js';

export class PlanV1Dto {
  @ApiProperty({ example: 1 })
  id: number;

  @ApiProperty()
  name: string;

  @ApiProperty({ example: 'basic' })
  slug: string;

  @ApiProperty()
  description: string;

  @ApiProperty({ example: 'hosting' })
  type: string;

  @ApiProperty({ example: 'USD' })
  currency: string;

  @ApiProperty({ type: Number, nullable: true, description: 'Major units; null when it is not offered by the month' })
  price_monthly: number | null;

  @ApiProperty({ type: Number, nullable: true, description: 'Major units; null when it is not offered by the year' })
  price_yearly: number | null;

  @ApiProperty({ type: [String] })
  features: string[];

  @ApiProperty({ description: 'What a licence of the plan allows' })
  max_accounts: number;

  @ApiProperty()
  max_databases: number;

  @ApiProperty()
  max_domains: number;

  @ApiProperty()
  max_emails: number;
}
