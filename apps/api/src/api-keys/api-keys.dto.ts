import { apiKeyScopes, type ApiKeyScope } from '@keelson/customers';
import { ApiProperty } from '../openapi/api-docs.decorator.js';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsIn, IsISO8601, IsOptional, IsString, Length } from 'class-validator';
import { OneLine } from '../shared/input.decorator.js';

export class CreateApiKeyDto {
  @OneLine(100)
  name: string;

  @ApiProperty({ enum: apiKeyScopes, isArray: true })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(10)
  @IsIn(apiKeyScopes, { each: true })
  scopes: ApiKeyScope[];

  @ApiProperty({ type: [String], required: false, description: 'Addresses or CIDR ranges it is accepted from' })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(50)
  @IsString({ each: true })
  @Length(2, 60, { each: true })
  allowedIps?: string[];

  @ApiProperty({ required: false })
  @IsOptional()
  @IsISO8601({ strict: true })
  expiresAt?: string;

  @IsOptional()
  @OneLine(80, { required: false, example: 'user_…', description: 'For whom it acts; administrators only' })
  userId?: string;
}

export class ApiKeyDto {
  @ApiProperty({ example: 'key_…' })
  id: string;

  @ApiProperty()
  name: string;

  @ApiProperty({ type: [String] })
  scopes: string[];

  @ApiProperty({ type: [String] })
  allowedIps: string[];

  @ApiProperty({ nullable: true })
  expiresAt: string | null;

  @ApiProperty({ nullable: true })
  lastUsedAt: string | null;

  @ApiProperty({ nullable: true })
  revokedAt: string | null;

  @ApiProperty()
  createdAt: string;
}

export class CreatedApiKeyDto extends ApiKeyDto {
  @ApiProperty({ description: 'Shown this once', example: 'kln_…' })
  key: string;
}

export class CreatedApiKeyAnswerDto {
  @ApiProperty({ type: CreatedApiKeyDto })
  data: CreatedApiKeyDto;
}

export class ApiKeysAnswerDto {
  @ApiProperty({ type: [ApiKeyDto] })
  data: ApiKeyDto[];

  @ApiProperty()
  total: number;
}
