import { Matches } from 'class-validator';
import { ApiProperty } from '../openapi/api-docs.decorator.js';

export class AuthCodeDto {
  @ApiProperty({ description: 'From the registrar that keeps the domain now. Stored encrypted' })
  @Matches(/^[\x21-\x7e]{1,255}$/, { message: 'authCode must be 1 to 255 printable characters without blanks' })
  authCode: string;
}

export class AuthCodeTakenDto {
  @ApiProperty()
  message: string;

  @ApiProperty({ example: 'job_…' })
  jobId: string;

  @ApiProperty({ example: 'queued' })
  status: string;
}

export class DomainProblemDto {
  @ApiProperty({ enum: ['registration', 'transfer', 'renewal'] })
  during: string;

  @ApiProperty({ example: 'The auth code is wrong.' })
  reason: string;

  @ApiProperty({ nullable: true, enum: ['auth-code', 'unlock', 'wait'], description: 'What the customer can do' })
  remedy: string | null;

  @ApiProperty()
  since: string;
}

export class ServiceDomainDto {
  @ApiProperty({ example: 'example.com' })
  name: string;

  @ApiProperty({ enum: ['external', 'new_registration', 'transfer'] })
  mode: string;

  @ApiProperty({ enum: ['pending', 'active', 'expired', 'transferred_away', 'cancelled', 'failed'] })
  status: string;

  @ApiProperty({ nullable: true, description: 'Null for domains that are kept elsewhere' })
  expiresAt: string | null;

  @ApiProperty({ description: 'Whether it is to be signed' })
  dnssec: boolean;

  @ApiProperty({ type: DomainProblemDto, nullable: true, description: 'Why it cannot be had, until somebody decides' })
  problem: DomainProblemDto | null;
}

export class ServiceDomainAnswerDto {
  @ApiProperty({ type: ServiceDomainDto, nullable: true, description: 'Null for a service without one' })
  data: ServiceDomainDto | null;
}
