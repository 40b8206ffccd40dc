import { IsISO8601, Length } from 'class-validator';
import { ApiProperty } from '../openapi/api-docs.decorator.js';
import { OneLine } from '../shared/input.decorator.js';

export class ExemptionDto {
  @ApiProperty({ example: '2027-01-31T00:00:00Z' })
  @IsISO8601({ strict: true, strictSeparator: true })
  @Length(10, 30)
  until: string;

  @OneLine(200, { example: 'Pays by bank transfer, which takes a week.' })
  reason: string;
}
