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
  IsString,
  Length,
  ValidateNested,
} from 'class-validator';
import { AddressDto, domainModes, type DomainModeName, OneLineEach } from '../checkout/checkout.dto.js';
import { DomainName, EmailAddress, OneLine } from '../shared/input.decorator.js';

export class IntentCustomerDto {
  @EmailAddress()
  email: string;

  @OneLine(100)
  firstName: string;

  @OneLine(100)
  lastName: string;

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

export class IntentAccountDto {
  @ApiProperty({ minLength: 8, maxLength: 256 })
  @IsString()
  @Length(8, 256)
  password: string;
}

export class CampaignDto {
  @IsOptional()
  @OneLine(200, { required: false })
  source?: string;

  @IsOptional()
  @OneLine(200, { required: false })
  medium?: string;

  @IsOptional()
  @OneLine(200, { required: false })
  campaign?: string;

  @IsOptional()
  @OneLine(200, { required: false })
  term?: string;

  @IsOptional()
  @OneLine(200, { required: false })
  content?: string;
}

export class CheckoutIntentDto {
  @OneLine(80, { example: 'basic' })
  planSlug: string;

  @OneLine(20, { example: 'yearly' })
  billingCycle: string;

  @IsOptional()
  @DomainName({ required: false })
  domain?: string;

  @ApiProperty({ enum: domainModes, required: false, default: 'external' })
  @IsOptional()
  @IsIn(domainModes)
  domainMode?: DomainModeName;

  @IsOptional()
  @OneLine(100, { required: false, description: 'Of a transfer' })
  authCode?: string;

  @ApiProperty({ type: IntentCustomerDto })
  @IsDefined()
  @IsObject()
  @ValidateNested()
  @Type(() => IntentCustomerDto)
  customer: IntentCustomerDto;

  @ApiProperty({ type: IntentAccountDto })
  @IsDefined()
  @IsObject()
  @ValidateNested()
  @Type(() => IntentAccountDto)
  account: IntentAccountDto;

  @ApiProperty({
    required: false,
    description: 'An order without payment; needs MARKETING_TEST_MODE and the override code as promoCode',
  })
  @IsOptional()
  @IsBoolean()
  testMode?: boolean;

  @IsOptional()
  @OneLine(100, { required: false })
  promoCode?: string;

  @ApiProperty({ type: [String], required: false })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(20)
  @OneLineEach()
  addonIds?: string[];

  @ApiProperty({ required: false })
  @IsOptional()
  @IsBoolean()
  trial?: boolean;

  @ApiProperty({ type: CampaignDto, required: false })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => CampaignDto)
  utm?: CampaignDto;
}

export class CheckoutIntentAnswerDto {
  @ApiProperty({ example: true })
  success: true;

  @ApiProperty()
  url: string;

  @ApiProperty({ example: 'cs_…' })
  sessionId: string;

  @ApiProperty({ example: 'sub_…' })
  subscriptionId: string;

  @ApiProperty({ example: 'cust_…' })
  customerId: string;

  @ApiProperty()
  testMode: boolean;
}
