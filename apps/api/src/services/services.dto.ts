import { serviceStatuses } from '@keelson/hosting';
import { ApiProperty } from '../openapi/api-docs.decorator.js';
import { IsOptional } from 'class-validator';
import { DomainName, OneLine } from '../shared/input.decorator.js';

export class CreateServiceDto {
  @OneLine(80, { example: 'cust_…' })
  customerId: string;

  @OneLine(80, { example: 'basic', description: 'Id or slug' })
  productId: string;

  @IsOptional()
  @DomainName({ required: false, description: 'Needed by products that serve one' })
  domain?: string;
}

export class ServiceDto {
  @ApiProperty({ example: 'srv_…' })
  id: string;

  @ApiProperty({ example: 'cust_…' })
  customerId: string;

  @ApiProperty({ example: 'prod_…' })
  productId: string;

  @ApiProperty({ nullable: true, example: 'sub_…' })
  subscriptionId: string | null;

  @ApiProperty({ example: 'hosting' })
  type: string;

  @ApiProperty({ nullable: true })
  domain: string | null;

  @ApiProperty({ enum: serviceStatuses })
  status: string;

  @ApiProperty({ nullable: true })
  suspendedAt: string | null;

  @ApiProperty({ nullable: true })
  suspendReason: string | null;

  @ApiProperty({ description: 'Only an administrator may unsuspend it' })
  suspendHold: boolean;

  @ApiProperty({ nullable: true, description: 'Until then only an administrator may suspend it' })
  suspendExemptUntil: string | null;

  @ApiProperty({ type: [String], description: 'Steps that are still missing, such as install_ssl' })
  degraded: string[];

  @ApiProperty({ nullable: true })
  username: string | null;

  @ApiProperty({ nullable: true })
  ip: string | null;

  @ApiProperty({ type: [String] })
  nameservers: string[];

  @ApiProperty({ nullable: true })
  panelUrl: string | null;

  @ApiProperty({ nullable: true })
  provisionedAt: string | null;

  @ApiProperty()
  createdAt: string;

  @ApiProperty()
  updatedAt: string;
}

export class ServiceAnswerDto {
  @ApiProperty({ type: ServiceDto })
  data: ServiceDto;
}

export class ServicesAnswerDto {
  @ApiProperty({ type: [ServiceDto] })
  data: ServiceDto[];

  @ApiProperty({ description: 'how many there are in all, counted up to 10,000' })
  total: number;

  @ApiProperty()
  limit: number;

  @ApiProperty()
  offset: number;
}
