import { InboxService } from '@keelson/billing';
import { Controller, HttpCode, Param, Post, type RawBodyRequest, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '../openapi/api-docs.decorator.js';
import type { FastifyRequest } from 'fastify';
import { Public } from '../access/access.decorator.js';
import { ProblemError } from '../problem/problem.errors.js';
import { WebhookAnswerDto } from './webhooks.dto.js';

/** Messages of payment providers. Their signature is what lets them in. */
@ApiTags('webhooks')
@Controller(['api/webhooks', 'webhooks'])
export class WebhooksController {
  constructor(private readonly inbox: InboxService) {}

  /** The provider is the id of its plugin, so that `/api/webhooks/stripe` is where that vendor always sent to. */
  @Public()
  @Post(':provider')
  @HttpCode(200)
  @ApiOperation({ summary: 'Takes a message: verified, stored, answered, worked later' })
  @ApiOkResponse({ type: WebhookAnswerDto })
  async receive(
    @Param('provider') provider: string,
    @Req() request: RawBodyRequest<FastifyRequest>,
  ): Promise<WebhookAnswerDto> {
    const { rawBody } = request;
    if (rawBody === undefined) throw new ProblemError(400, { code: 'empty-body', detail: 'A webhook has a body.' });
    await this.inbox.receive(provider, rawBody, headersOf(request));
    return { received: true };
  }
}

function headersOf({ headers }: FastifyRequest): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );
}
