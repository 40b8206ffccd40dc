import { checkoutStatuses } from '@keelson/billing';
import { ApiProperty } from '../openapi/api-docs.decorator.js';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsDefined,
  IsIn,
  IsObject,
  IsOptional,
  Matches,
  ValidateNested,
} from 'class-validator';
import { DomainName, EmailAddress, OneLine, WebAddress } from '../shared/input.decorator.js';

export const domainModes = ['external', 'new_registration', 'transfer'] as const;
export type DomainModeName = (typeof domainModes)[number];

export class PublicCheckoutDto {
  @OneLine(80, { example: 'basic' })
  planId: string;

  @IsOptional()
  @OneLine(20, { required: false, example: 'monthly' })
  term?: string;

  @EmailAddress()
  email: string;

  @WebAddress({ description: '`{CHECKOUT_SESSION_ID}` in it is replaced' })
  successUrl: string;

  @WebAddress()
  cancelUrl: string;

  @IsOptional()
  @DomainName({ required: false })
  domain?: string;

  @ApiProperty({ enum: domainModes, required: false, default: 'external' })
  @IsOptional()
  @IsIn(domainModes)
  domainMode?: DomainModeName;

  @IsOptional()
  @OneLine(40, { required: false, example: 'WELCOME10' })
  couponCode?: string;
}

export class PublicCheckoutAnswerDto {
  @ApiProperty({ description: 'Where the customer pays' })
  url: string;

  @ApiProperty({ example: 'cs_…' })
  id: string;
}

export class AddressDto {
  @IsOptional()
  @OneLine(200, { required: false })
  line1?: string;

  @IsOptional()
  @OneLine(200, { required: false })
  line2?: string;

  @IsOptional()
  @OneLine(100, { required: false })
  city?: string;

  @IsOptional()
  @OneLine(100, { required: false })
  state?: string;

  @IsOptional()
  @OneLine(20, { required: false })
  postalCode?: string;

  @ApiProperty({ required: false, example: 'DE', description: 'ISO 3166-1 alpha-2' })
  @IsOptional()
  @Matches(/^[A-Z]{2}$/, { message: '$property must be a country code of two capital letters' })
  country?: string;
}

export class SessionCustomerDto {
  @OneLine(200)
  name: string;

  @EmailAddress()
  email: string;

  @IsOptional()
  @OneLine(200, { required: false })
  company?: string;

  @IsOptional()
  @OneLine(40, { required: false })
  phone?: string;

  @ApiProperty({ type: AddressDto, required: false })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => AddressDto)
  address?: AddressDto;
}

export class SessionDomainDto {
  @ApiProperty({ enum: domainModes })
  @IsIn(domainModes)
  mode: DomainModeName;

  @DomainName()
  value: string;

  @IsOptional()
  @OneLine(100, { required: false, description: 'Of a transfer' })
  authCode?: string;
}

export class CreateSessionDto {
  @OneLine(80, { example: 'basic' })
  planId: string;

  @OneLine(20, { example: 'yearly' })
  billingCycle: string;

  @ApiProperty({ type: SessionCustomerDto })
  @IsDefined()
  @IsObject()
  @ValidateNested()
  @Type(() => SessionCustomerDto)
  customer: SessionCustomerDto;

  @IsOptional()
  @OneLine(40, { required: false })
  couponCode?: string;

  @ApiProperty({ required: false })
  @IsOptional()
  @IsBoolean()
  trial?: boolean;

  @ApiProperty({ type: [String], required: false })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(20)
  @OneLineEach()
  addonIds?: string[];

  @ApiProperty({ type: SessionDomainDto, required: false })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => SessionDomainDto)
  domain?: SessionDomainDto;
}

/** Ids or slugs. */
export function OneLineEach() {
  return Matches(/^[\w-]{1,80}$/, { each: true, message: '$property must hold ids or slugs' });
}

export class CreateSessionAnswerDto {
  @ApiProperty({ example: true })
  success: true;

  @ApiProperty()
  url: string;

  @ApiProperty({ example: 'cs_…' })
  sessionId: string;

  @ApiProperty({ example: 'sub_…' })
  subscriptionId: string;
}

export class SessionStatusDto {
  @ApiProperty({ example: true })
  success: true;

  @ApiProperty({ enum: checkoutStatuses })
  status: string;

  @ApiProperty({
    example: {
      id: 'sub_…',
      status: 'active',
      planId: 'basic',
      billingCycle: 'monthly',
      currentPeriodEnd: '2027-01-01T00:00:00.000Z',
    },
  })
  subscription: { id: string; status: string; planId: string; billingCycle: string; currentPeriodEnd: string | null };

  @ApiProperty({ nullable: true, example: { id: 'tnt_…', name: 'Example', status: 'active' } })
  tenant: { id: string; name: string; status: string } | null;

  @ApiProperty({ nullable: true, example: { jobId: 'job_…', status: 'running', progress: 40 } })
  provisioning: { jobId: string; status: string; progress: number } | null;
}
