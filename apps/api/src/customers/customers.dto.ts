import { ApiProperty } from '../openapi/api-docs.decorator.js';
import { Type } from 'class-transformer';
import { IsIn, IsObject, IsOptional, ValidateNested } from 'class-validator';
import { AddressDto } from '../checkout/checkout.dto.js';
import { EmailAddress, OneLine } from '../shared/input.decorator.js';

export class CreateCustomerDto {
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

export class ChangeCustomerDto {
  @IsOptional()
  @OneLine(200, { required: false })
  name?: string;

  @IsOptional()
  @EmailAddress({ required: false })
  email?: string;

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

  @ApiProperty({ enum: ['active', 'inactive', 'closed'], required: false, description: 'Staff only' })
  @IsOptional()
  @IsIn(['active', 'inactive', 'closed'])
  status?: 'active' | 'inactive' | 'closed';
}

export class CustomerDto {
  @ApiProperty({ example: 'cust_…' })
  id: string;

  @ApiProperty()
  name: string;

  @ApiProperty()
  email: string;

  @ApiProperty({ nullable: true })
  company: string | null;

  @ApiProperty({ nullable: true })
  phone: string | null;

  @ApiProperty({ type: AddressDto, nullable: true })
  address: AddressDto | null;

  @ApiProperty({ enum: ['active', 'inactive', 'closed'] })
  status: string;

  @ApiProperty()
  createdAt: string;

  @ApiProperty()
  updatedAt: string;
}

export class CustomerAnswerDto {
  @ApiProperty({ type: CustomerDto })
  data: CustomerDto;
}

export class CustomersAnswerDto {
  @ApiProperty({ type: [CustomerDto] })
  data: CustomerDto[];

  @ApiProperty({ description: 'how many there are in all, counted up to 10,000' })
  total: number;

  @ApiProperty()
  limit: number;

  @ApiProperty()
  offset: number;
}
