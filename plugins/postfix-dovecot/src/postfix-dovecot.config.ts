import { Setting } from '@keelson/core';
import { IsInt, IsOptional, IsString, Matches, Max, Min } from 'class-validator';

/** How the tables of one mail host are reached. */
export class PostfixDovecotConfig {
  @Setting({
    description:
      'Address of the PostgreSQL database that holds the tables of `schema.sql`, with a role that may write them.',
    secret: true,
    example: 'postgres://keelson_mail:password@mail1.example.com:5432/mail?sslmode=verify-full',
  })
  @Matches(/^postgres(ql)?:\/\/[^\s/?#]+\/[^\s/?#]+(\?\S*)?$/, {
    message: 'databaseUrl must be postgres://user:password@host:port/database',
  })
  databaseUrl!: string;

  @Setting({
    description: 'PEM of the authority that signed the certificate of the database; the connection is then encrypted.',
  })
  @IsOptional()
  @IsString()
  caPem?: string;

  @Setting({ description: 'Megabytes of a mailbox that is made without a quota. Absent: unlimited.', example: 1024 })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(10_000_000)
  defaultQuotaMb?: number;
}
