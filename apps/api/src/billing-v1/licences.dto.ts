import { IsInt, IsObject, IsOptional, IsString, Length, Max, Min } from 'class-validator';
import { ApiProperty } from '../openapi/api-docs.decorator.js';
import { OneLine } from '../shared/input.decorator.js';

export class ValidateLicenceDto {
  @ApiProperty({ example: 'NP-XXXX-XXXX-XXXX' })
  @IsString()
  @Length(0, 100)
  license_key: string;

  @OneLine(100, {
    example: 'create_database',
    description: 'create_account, create_domain, create_database, create_email, or another that nobody counts',
  })
  feature: string;

  @ApiProperty({ required: false, description: 'Seconds since 1970; without it the answer is no' })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  timestamp?: number;

  @ApiProperty({
    required: false,
    description:
      'Hexadecimal HMAC-SHA-256 over key|timestamp|fingerprint, and |additional data as JSON with sorted keys when there are any; without it the answer is no. Good once per feature: put something unique into additional_data.',
  })
  @IsOptional()
  @IsString()
  @Length(0, 200)
  signature?: string;

  @ApiProperty({ required: false, type: Object, additionalProperties: true })
  @IsOptional()
  @IsObject()
  additional_data?: Record<string, unknown>;
}

export class LicenceAnswerDto {
  @ApiProperty()
  valid: boolean;

  @ApiProperty({
    type: Number,
    nullable: true,
    description: 'How many may still be created, the one asked about included; -1 for features that nobody counts',
  })
  remaining_quota: number | null;

  @ApiProperty({ type: String, nullable: true })
  error: string | null;
}
