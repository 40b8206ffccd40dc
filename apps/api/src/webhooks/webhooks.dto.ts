import { ApiProperty } from '../openapi/api-docs.decorator.js';

export class WebhookAnswerDto {
  @ApiProperty({ example: true })
  received: true;
}
