import { AuthService, type Principal, type Session, type User } from '@keelson/customers';
import { toPublicId } from '@keelson/database';
import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '../openapi/api-docs.decorator.js';
import { Access, Public, WithTemporaryPassword } from '../access/access.decorator.js';
import { Caller, unauthenticated } from '../access/caller.decorator.js';
import { PublicRate } from '../http/public-rate.decorator.js';
import {
  ChangePasswordDto,
  ForgotPasswordDto,
  LoginDto,
  MeDto,
  MessageDto,
  ResetPasswordDto,
  SessionDto,
  type SignedInUserDto,
} from './auth.dto.js';
import { PasswordResetMail } from './password-reset-mail.service.js';

@ApiTags('auth')
@Controller('api/auth')
export class AuthController {
  constructor(
    private readonly auth: AuthService,
    private readonly resetMail: PasswordResetMail,
  ) {}

  @Public()
  @PublicRate()
  @Post('login')
  @HttpCode(200)
  @ApiOperation({ summary: 'Starts a session' })
  @ApiOkResponse({ type: SessionDto })
  async login(@Body() { email, password }: LoginDto): Promise<SessionDto> {
    return sessionOf(await this.auth.login(email, password));
  }

  @Access('*', 'admin', 'operator', 'customer')
  @WithTemporaryPassword()
  @Post('change-password')
  @HttpCode(200)
  @ApiOperation({ summary: 'Replaces the password; every other session ends' })
  @ApiOkResponse({ type: SessionDto })
  async changePassword(@Caller() caller: Principal, @Body() body: ChangePasswordDto): Promise<SessionDto> {
    if (caller.userId === undefined || caller.kind !== 'user') throw unauthenticated();
    return sessionOf(await this.auth.changePassword(caller.userId, body.currentPassword, body.newPassword));
  }

  @Public()
  @PublicRate()
  @Post('forgot-password')
  @HttpCode(200)
  @ApiOperation({ summary: 'Sends a link to set a new password; the answer is the same for unknown addresses' })
  @ApiOkResponse({ type: MessageDto })
  forgotPassword(@Body() { email }: ForgotPasswordDto): MessageDto {
    this.resetMail.request(email);
    return { success: true, message: 'If we know this address, a mail with a link is on its way.' };
  }

  @Public()
  @PublicRate()
  @Post('reset-password')
  @HttpCode(200)
  @ApiOperation({ summary: 'Sets a new password with the token of the mail; every session ends' })
  @ApiOkResponse({ type: MessageDto })
  async resetPassword(@Body() { token, newPassword }: ResetPasswordDto): Promise<MessageDto> {
    await this.auth.resetPassword(token, newPassword);
    return { success: true, message: 'The password is changed. You can sign in.' };
  }

  @Access('*', 'admin', 'operator', 'customer')
  @WithTemporaryPassword()
  @Get('me')
  @ApiOperation({ summary: 'Who is calling' })
  @ApiOkResponse({ type: MeDto })
  async me(@Caller() caller: Principal): Promise<MeDto> {
    const user = caller.userId === undefined ? undefined : await this.auth.me(caller.userId);
    return {
      user: user === undefined ? null : userOf(user),
      role: caller.role,
      customerId: caller.customerId === undefined ? null : toPublicId('cust', caller.customerId),
      scopes: [...caller.scopes],
    };
  }
}

function sessionOf({ token, user }: Session): SessionDto {
  return { token, user: userOf(user) };
}

function userOf({ id, email, role, mustChangePassword }: User): SignedInUserDto {
  return { id: toPublicId('user', id), email, role, mustChangePassword };
}
