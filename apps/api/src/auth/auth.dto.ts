import { ApiProperty } from '../openapi/api-docs.decorator.js';
import { IsString, Length, MaxLength } from 'class-validator';
import { EmailAddress } from '../shared/input.decorator.js';

export class LoginDto {
  @EmailAddress()
  email: string;

  @ApiProperty()
  @IsString()
  @Length(1, 256)
  password: string;
}

export class ChangePasswordDto {
  @ApiProperty()
  @IsString()
  @Length(1, 256)
  currentPassword: string;

  @ApiProperty({ minLength: 8, maxLength: 256 })
  @IsString()
  @MaxLength(256)
  newPassword: string;
}

export class ForgotPasswordDto {
  @EmailAddress()
  email: string;
}

export class ResetPasswordDto {
  @ApiProperty({ description: 'From the mail' })
  @IsString()
  @Length(20, 200)
  token: string;

  @ApiProperty({ minLength: 8, maxLength: 256 })
  @IsString()
  @MaxLength(256)
  newPassword: string;
}

export class SignedInUserDto {
  @ApiProperty({ example: 'user_…' })
  id: string;

  @ApiProperty()
  email: string;

  @ApiProperty({ enum: ['admin', 'operator', 'customer'] })
  role: string;

  @ApiProperty({ description: 'Until it is changed, nothing else is allowed' })
  mustChangePassword: boolean;
}

export class SessionDto {
  @ApiProperty()
  token: string;

  @ApiProperty({ type: SignedInUserDto })
  user: SignedInUserDto;
}

export class MeDto {
  @ApiProperty({ type: SignedInUserDto, nullable: true, description: 'null for the bootstrap token' })
  user: SignedInUserDto | null;

  @ApiProperty({ enum: ['admin', 'operator', 'customer'] })
  role: string;

  @ApiProperty({ nullable: true, example: 'cust_…' })
  customerId: string | null;

  @ApiProperty({ type: [String] })
  scopes: string[];
}

export class MessageDto {
  @ApiProperty({ example: true })
  success: true;

  @ApiProperty()
  message: string;
}
