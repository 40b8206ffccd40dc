import { ApiProperty } from '../openapi/api-docs.decorator.js';

export class TokenV1Dto {
  @ApiProperty({ description: 'Send it as Authorization: Bearer' })
  access_token: string;

  @ApiProperty({ example: 'bearer' })
  token_type: 'bearer';

  @ApiProperty({ description: 'Seconds', example: 86_400 })
  expires_in: number;
}
