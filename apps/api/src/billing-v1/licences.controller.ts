import { LicenceValidation, type RateState } from '@keelson/hosting';
import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../access/access.decorator.js';
import { ApiOkResponse, ApiOperation, ApiTags } from '../openapi/api-docs.decorator.js';
import { LicenceAnswerDto, ValidateLicenceDto } from './licences.dto.js';

@ApiTags('billing v1')
@Controller('api/v1/licenses')
export class LicencesController {
  constructor(private readonly validation: LicenceValidation) {}

  /** Public: who asks proves by the signature to be a panel of ours. Refusals are answers with status 200, as panels expect. */
  @Public()
  @Post('validate')
  @HttpCode(200)
  @ApiOperation({ summary: 'A panel asks whether it may create something' })
  @ApiOkResponse({ type: LicenceAnswerDto })
  async validate(
    @Body() body: ValidateLicenceDto,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<LicenceAnswerDto> {
    const { valid, remaining, error, rate } = await this.validation.validate({
      key: body.license_key,
      feature: body.feature,
      timestamp: body.timestamp,
      signature: body.signature,
      additionalData: body.additional_data,
      origin: {
        ip: request.ip,
        userAgent: request.headers['user-agent'],
        acceptLanguage: request.headers['accept-language'],
      },
    });
    if (rate !== undefined) showRate(reply, rate);
    return { valid, remaining_quota: remaining ?? null, error: error ?? null };
  }
}

function showRate(reply: FastifyReply, { limit, remaining, resetSeconds, exceeded }: RateState): void {
  void reply.headers({
    'ratelimit-limit': limit,
    'ratelimit-remaining': remaining,
    'ratelimit-reset': resetSeconds,
    ...(exceeded ? { 'retry-after': resetSeconds } : {}),
  });
}
