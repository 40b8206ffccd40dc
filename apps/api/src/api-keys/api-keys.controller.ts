import { type ApiKey, ApiKeysService, AuthService, type Principal } from '@keelson/customers';
import { fromPublicId, toPublicId } from '@keelson/database';
import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '../openapi/api-docs.decorator.js';
import { Access } from '../access/access.decorator.js';
import { Caller } from '../access/caller.decorator.js';
import { Idempotent } from '../idempotency/idempotency.interceptor.js';
import { ProblemError } from '../problem/problem.errors.js';
import { type ApiKeyDto, ApiKeysAnswerDto, CreateApiKeyDto, CreatedApiKeyAnswerDto } from './api-keys.dto.js';

@ApiTags('api-keys')
@Controller('api/api-keys')
export class ApiKeysController {
  constructor(
    private readonly apiKeys: ApiKeysService,
    private readonly auth: AuthService,
  ) {}

  @Access('*', 'admin', 'operator', 'customer')
  @Idempotent()
  @Post()
  @ApiOperation({ summary: 'Makes a key; it is shown this once' })
  @ApiCreatedResponse({ type: CreatedApiKeyAnswerDto })
  async create(@Caller() caller: Principal, @Body() body: CreateApiKeyDto): Promise<CreatedApiKeyAnswerDto> {
    const { name, scopes, allowedIps, expiresAt } = body;
    const { key, apiKey } = await this.apiKeys.create({
      name,
      scopes,
      allowedIps,
      userId: await this.userOf(caller, body.userId),
      ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt) }),
    });
    return { data: { ...apiKeyOf(apiKey), key } };
  }

  @Access('*', 'admin', 'operator', 'customer')
  @Get()
  @ApiOperation({ summary: 'The keys of the caller' })
  @ApiOkResponse({ type: ApiKeysAnswerDto })
  async list(@Caller() caller: Principal): Promise<ApiKeysAnswerDto> {
    const keys = caller.userId === undefined ? [] : await this.apiKeys.list(caller.userId);
    return { data: keys.map(apiKeyOf), total: keys.length };
  }

  @Access('*', 'admin', 'operator', 'customer')
  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Refuses the key from now on' })
  @ApiNoContentResponse()
  async revoke(@Caller() caller: Principal, @Param('id') text: string): Promise<void> {
    const id = fromPublicId('key', text);
    const own = caller.userId === undefined ? [] : await this.apiKeys.list(caller.userId);
    if (caller.role !== 'admin' && !own.some((key) => key.id === id)) {
      throw new ProblemError(404, { code: 'key-not-found', detail: 'There is no such key.' });
    }
    await this.apiKeys.revoke(id);
  }

  private async userOf(caller: Principal, asked: string | undefined): Promise<string> {
    if (asked === undefined && caller.userId !== undefined) return caller.userId;
    if (asked === undefined) {
      const detail = 'The bootstrap token is nobody: name the user for whom the key acts.';
      throw new ProblemError(400, { code: 'user-missing', detail, errors: [{ path: 'userId', message: detail }] });
    }
    const userId = fromPublicId('user', asked);
    if (userId !== caller.userId && caller.role !== 'admin') {
      throw new ProblemError(403, { code: 'forbidden', detail: 'Only administrators make keys for others.' });
    }
    if ((await this.auth.me(userId)) === undefined) {
      throw new ProblemError(404, { code: 'user-not-found', detail: 'There is no such user.' });
    }
    return userId;
  }
}

function apiKeyOf(key: ApiKey): ApiKeyDto {
  return {
    id: toPublicId('key', key.id),
    name: key.name,
    scopes: key.scopes,
    allowedIps: key.allowedIps,
    expiresAt: key.expiresAt?.toISOString() ?? null,
    lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
    revokedAt: key.revokedAt?.toISOString() ?? null,
    createdAt: key.createdAt.toISOString(),
  };
}
