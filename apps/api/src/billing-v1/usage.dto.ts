import { type LicenceResource, licenceResources } from '@keelson/hosting';
import { IsIn, IsInt, IsISO8601, IsOptional, Matches, Max, Min } from 'class-validator';
import { ApiProperty } from '../openapi/api-docs.decorator.js';
import { NumberOrText } from '../shared/input.decorator.js';

export class UpdateUsageDto {
  @NumberOrText()
  license_id: string;

  @ApiProperty({ enum: licenceResources })
  @IsIn(licenceResources)
  resource_type: LicenceResource;

  @ApiProperty({ description: 'So many more, or fewer', example: 1 })
  @IsInt()
  @Min(-1_000_000)
  @Max(1_000_000)
  delta: number;
}

export class UpdatedUsageDto {
  @ApiProperty({ example: 'success' })
  status: 'success';

  @ApiProperty({ example: 1 })
  license_id: number;

  @ApiProperty({ enum: licenceResources })
  resource_type: LicenceResource;

  @ApiProperty()
  current_count: number;

  @ApiProperty()
  max_count: number;
}

export class QuotaQueryDto {
  @IsOptional()
  @NumberOrText({ required: false, description: 'One licence; without it the sum of all' })
  license_id?: string;
}

export class QuotaDto {
  @ApiProperty({ type: Number, nullable: true, description: 'null for a sum' })
  license_id: number | null;

  @ApiProperty()
  max_accounts: number;

  @ApiProperty()
  current_accounts: number;

  @ApiProperty()
  max_domains: number;

  @ApiProperty()
  current_domains: number;

  @ApiProperty()
  max_databases: number;

  @ApiProperty()
  current_databases: number;

  @ApiProperty()
  max_emails: number;

  @ApiProperty()
  current_emails: number;

  @ApiProperty()
  accounts_available: number;

  @ApiProperty()
  domains_available: number;

  @ApiProperty()
  databases_available: number;

  @ApiProperty()
  emails_available: number;
}

export class ReportQueryDto extends QuotaQueryDto {
  @ApiProperty({ required: false, description: 'Default: 30 days ago' })
  @IsOptional()
  @Matches(/^\d{4}-\d{2}-\d{2}($|T)/, { message: '$property must be a date or a date with a time' })
  @IsISO8601({ strict: true })
  start_date?: string;

  @ApiProperty({ required: false, description: 'Default: now' })
  @IsOptional()
  @Matches(/^\d{4}-\d{2}-\d{2}($|T)/, { message: '$property must be a date or a date with a time' })
  @IsISO8601({ strict: true })
  end_date?: string;
}

export class ResourceUsageDto {
  @ApiProperty()
  current: number;

  @ApiProperty()
  max: number;

  @ApiProperty()
  usage_percent: number;
}

export class LicenceUsageDto {
  @ApiProperty({ example: 1 })
  license_id: number;

  @ApiProperty({ example: 'NP-XXXX-XXXX-XXXX' })
  license_key: string;

  @ApiProperty()
  status: string;

  @ApiProperty({ type: ResourceUsageDto })
  accounts: ResourceUsageDto;

  @ApiProperty({ type: ResourceUsageDto })
  domains: ResourceUsageDto;

  @ApiProperty({ type: ResourceUsageDto })
  databases: ResourceUsageDto;

  @ApiProperty({ type: ResourceUsageDto })
  emails: ResourceUsageDto;
}

export class UsageSummaryDto {
  @ApiProperty()
  total_licenses: number;

  @ApiProperty()
  active_licenses: number;

  @ApiProperty()
  domains_registered_in_period: number;
}

export class UsageReportDto {
  @ApiProperty()
  start_date: string;

  @ApiProperty()
  end_date: string;

  @ApiProperty({ type: [LicenceUsageDto] })
  licenses: LicenceUsageDto[];

  @ApiProperty({ type: UsageSummaryDto })
  summary: UsageSummaryDto;
}

export class UsageAlertDto extends ResourceUsageDto {
  @ApiProperty({ example: 1 })
  license_id: number;

  @ApiProperty({ enum: licenceResources })
  resource: LicenceResource;

  @ApiProperty({ enum: ['warning', 'critical'] })
  severity: 'warning' | 'critical';
}

export class UsageAlertsDto {
  @ApiProperty({ type: [UsageAlertDto] })
  alerts: UsageAlertDto[];

  @ApiProperty()
  total_alerts: number;
}
