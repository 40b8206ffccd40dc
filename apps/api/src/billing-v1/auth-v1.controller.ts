import { AuthService } from '@keelson/customers';
import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { Public } from '../access/access.decorator.js';
import { LoginDto } from '../auth/auth.dto.js';
import { PublicRate } from '../http/public-rate.decorator.js';
import { ApiOkResponse, ApiOperation, ApiTags } from '../openapi/api-docs.decorator.js';
import { TokenV1Dto } from './auth-v1.dto.js';

@ApiTags('billing v1')
@Controller('api/v1/auth')
export class AuthV1Controller {
  constructor(private readonly auth: AuthService) {}

  @Public()
  @PublicRate()
  @Post('login')
  @HttpCode(200)
  @ApiOperation({ summary: 'Starts a session' })
  @ApiOkResponse({ type: TokenV1Dto })
  async login(@Body() { email, password }: LoginDto): Promise<TokenV1Dto> {
    const { token, expiresInSeconds } = await this.auth.login(email, password);
    return { access_token: token, token_type: 'bearer', expires_in: expiresInSeconds };
  }
}
