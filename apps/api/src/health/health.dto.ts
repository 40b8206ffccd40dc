import { ApiProperty } from '../openapi/api-docs.decorator.js';

export class HealthDto {
  @ApiProperty({ example: 'ok' })
  status: 'ok';

  @ApiProperty({ example: { database: 'ok', migrations: 'ok', queue: 'ok' } })
  checks: Record<string, string>;

  @ApiProperty({ description: 'Since the process began' })
  uptimeSeconds: number;
}
