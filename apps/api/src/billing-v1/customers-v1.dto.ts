import { Type } from 'class-transformer';
import { IsBoolean, IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { ApiProperty } from '../openapi/api-docs.decorator.js';
import { EmailAddress, NumberOrText, OneLine } from '../shared/input.decorator.js';

export class CreateCustomerV1Dto {
  @EmailAddress()
  email: string;

  @OneLine(200)
  full_name: string;

  @IsOptional()
  @OneLine(200, { required: false })
  company_name?: string;

  @ApiProperty({ required: false, minLength: 8, maxLength: 256, description: 'With one, the customer may sign in' })
  @IsOptional()
  @IsString()
  @MaxLength(256)
  password?: string;

  @ApiProperty({ required: false, default: true })
  @IsOptional()
  @IsBoolean()
  is_active?: boolean;

  @IsOptional()
  @OneLine(40, { required: false })
  phone?: string;
}

export class CustomersV1QueryDto {
  @ApiProperty({ required: false, default: 0, minimum: 0 })
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(1_000_000)
  skip = 0;

  @ApiProperty({ required: false, default: 100, minimum: 1, maximum: 1000 })
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(1000)
  limit = 100;
}

export class CustomerV1Dto {
  @ApiProperty({ example: 1 })
  id: number;

  @ApiProperty()
  email: string;

  @ApiProperty()
  full_name: string;

  @ApiProperty({ type: String, nullable: true })
  company_name: string | null;

  @ApiProperty()
  is_active: boolean;

  @ApiProperty()
  created_at: string;
}

export class GrantLicenceDto {
  @NumberOrText({ description: 'Number or slug of the plan' })
  plan_id: string;

  @ApiProperty({ required: false, default: 'monthly', example: 'yearly' })
  @IsOptional()
  @OneLine(20, { required: false })
  billing_cycle: string = 'monthly';

  @ApiProperty({ required: false, default: true, description: 'Without one the licence ends after one cycle' })
  @IsOptional()
  @IsBoolean()
  create_subscription: boolean = true;
}

export class LicenceDto {
  @ApiProperty({ example: 1 })
  id: number;

  @ApiProperty({ example: 'NP-XXXX-XXXX-XXXX' })
  license_key: string;

  @ApiProperty({ example: 1 })
  plan_id: number;

  @ApiProperty({ enum: ['active', 'suspended', 'expired', 'cancelled'] })
  status: string;

  @ApiProperty()
  max_accounts: number;

  @ApiProperty()
  max_databases: number;

  @ApiProperty()
  max_domains: number;

  @ApiProperty()
  max_emails: number;

  @ApiProperty({ type: Number, nullable: true })
  subscription_id: number | null;

  @ApiProperty({ type: String, nullable: true, description: 'End of its term, or of the paid period' })
  expires_at: string | null;

  @ApiProperty()
  current_accounts: number;

  @ApiProperty()
  current_databases: number;

  @ApiProperty()
  current_domains: number;

  @ApiProperty()
  current_emails: number;

  @ApiProperty()
  created_at: string;
}

export class AccountV1Dto {
  @ApiProperty({ example: 1 })
  id: number;

  @ApiProperty()
  username: string;

  @ApiProperty({ enum: ['provisioning', 'active', 'suspended', 'quarantined', 'terminating', 'terminated'] })
  status: string;

  @ApiProperty({ type: String, nullable: true })
  domain: string | null;

  @ApiProperty({ example: 1 })
  server_id: number;

  @ApiProperty()
  server_name: string;

  @ApiProperty()
  created_at: string;
}

export class CustomerDetailV1Dto extends CustomerV1Dto {
  @ApiProperty({ type: String, nullable: true })
  phone: string | null;

  @ApiProperty({ type: [LicenceDto] })
  licenses: LicenceDto[];

  @ApiProperty({ type: [AccountV1Dto] })
  accounts: AccountV1Dto[];
}
