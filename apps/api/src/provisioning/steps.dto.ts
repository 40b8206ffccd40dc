import { IsObject, IsOptional } from 'class-validator';
import { ApiProperty } from '../openapi/api-docs.decorator.js';
import { OneLine } from '../shared/input.decorator.js';

export class SkipStepDto {
  @OneLine(500, { example: 'The customer keeps his own name servers', description: 'Kept with the step' })
  reason: string;
}

export class StepDoneDto {
  @OneLine(500, { example: 'Ticket 4711', description: 'How you know; kept with the step' })
  evidence: string;

  @ApiProperty({
    required: false,
    type: Object,
    example: { ip: '192.0.2.44' },
    description: 'What later steps need to know; the instructions of the step say what it accepts',
  })
  @IsOptional()
  @IsObject()
  output?: Record<string, unknown>;
}
