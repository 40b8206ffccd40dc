import { IsIn, IsOptional, IsString, Length } from 'class-validator';
import { ApiProperty } from '../openapi/api-docs.decorator.js';
import { EmailAddress, NumberOrText, OneLine } from '../shared/input.decorator.js';

export const panelAccountTypes = ['panel', 'reseller', 'master-reseller'] as const;

export class ProvisionAccountDto {
  @NumberOrText()
  customer_id: string;

  @IsOptional()
  @NumberOrText({ required: false, description: 'Your own number of the order; kept with the account' })
  order_id?: string;

  @OneLine(64, { description: 'One account of a name per customer: the same name is the same order' })
  username: string;

  @EmailAddress()
  email: string;

  @ApiProperty({ minLength: 1, maxLength: 256 })
  @IsString()
  @Length(1, 256)
  password: string;

  @IsOptional()
  @OneLine(200, { required: false })
  full_name?: string;

  @IsOptional()
  @OneLine(40, { required: false })
  phone?: string;

  @IsOptional()
  @OneLine(200, { required: false })
  company?: string;

  @IsOptional()
  @NumberOrText({ required: false, description: 'At the panel; without it the panel’s default' })
  package_id?: string;

  @IsOptional()
  @NumberOrText({ required: false, description: 'Without it the least utilised server that is online' })
  server_id?: string;

  @ApiProperty({ enum: panelAccountTypes, required: false, default: 'panel' })
  @IsOptional()
  @IsIn(panelAccountTypes)
  account_type?: (typeof panelAccountTypes)[number];
}

export class ProvisionedAccountDto {
  @ApiProperty()
  success: boolean;

  @ApiProperty({ required: false, example: 1 })
  account_id?: number;

  @ApiProperty({ required: false })
  server_name?: string;

  @ApiProperty({ required: false })
  server_url?: string;

  @ApiProperty({ required: false })
  username?: string;

  @ApiProperty({ required: false, description: 'Why there is no account' })
  error?: string;

  @ApiProperty({ required: false, example: 'job_…', description: 'The job behind a failure' })
  job_id?: string;
}

export class SuspendAccountDto {
  @IsOptional()
  @OneLine(200, { required: false })
  reason?: string;
}

export class AccountMessageDto {
  @ApiProperty()
  message: string;
}

export class AccountStatsDto {
  @ApiProperty({ oneOf: [{ type: 'integer' }, { type: 'string' }], nullable: true, description: 'At the panel' })
  user_id: number | string | null;

  @ApiProperty()
  username: string;

  @ApiProperty({ type: String, nullable: true })
  email: string | null;

  @ApiProperty({ type: Number, nullable: true })
  total_domains: number | null;

  @ApiProperty({ type: Number, nullable: true })
  total_databases: number | null;

  @ApiProperty({ type: Number, nullable: true })
  total_email_accounts: number | null;

  @ApiProperty({ type: Number, nullable: true })
  total_ssl_certificates: number | null;

  @ApiProperty({ description: 'Megabytes' })
  storage_used: number;

  @ApiProperty({ type: String, nullable: true })
  last_login: string | null;

  @ApiProperty({ type: Number, nullable: true })
  account_age_days: number | null;
}
