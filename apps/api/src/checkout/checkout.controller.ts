import { CheckoutsService, CheckoutStatusService } from '@keelson/billing';
import { type Settings, settingsToken } from '@keelson/core';
import { toPublicId } from '@keelson/database';
import { Body, Controller, Get, Header, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '../openapi/api-docs.decorator.js';
import type { FastifyRequest } from 'fastify';
import { Public } from '../access/access.decorator.js';
import { PublicRate, StatusRate } from '../http/public-rate.decorator.js';
import { Idempotent } from '../idempotency/idempotency.interceptor.js';
import { ProblemError } from '../problem/problem.errors.js';
import {
  CreateSessionAnswerDto,
  CreateSessionDto,
  PublicCheckoutAnswerDto,
  PublicCheckoutDto,
  SessionStatusDto,
} from './checkout.dto.js';
import { returnUrls } from './return-urls.js';

@ApiTags('shop')
@Controller('api')
export class CheckoutController {
  constructor(
    private readonly checkouts: CheckoutsService,
    private readonly progress: CheckoutStatusService,
    @Inject(settingsToken) private readonly settings: Settings,
  ) {}

  @Public()
  @PublicRate()
  @Idempotent()
  @Post('public/checkout')
  @HttpCode(200)
  @ApiOperation({ summary: 'Begins an order and answers with the address of its payment page' })
  @ApiOkResponse({ type: PublicCheckoutAnswerDto })
  async checkout(@Body() body: PublicCheckoutDto): Promise<PublicCheckoutAnswerDto> {
    const { planId, term = 'monthly', domain, domainMode = 'external', ...rest } = body;
    const started = await this.checkouts.create({
      ...rest,
      plan: planId,
      term,
      ...(domain === undefined ? {} : { domain: { name: domain, mode: domainMode } }),
    });
    return { url: started.url, id: started.publicId };
  }

  @Public()
  @PublicRate()
  @Idempotent()
  @Post('checkout/create-session')
  @HttpCode(200)
  @ApiOperation({ summary: 'Begins an order of a marketing site; browsers of other origins are refused' })
  @ApiOkResponse({ type: CreateSessionAnswerDto })
  async createSession(@Body() body: CreateSessionDto, @Req() request: FastifyRequest): Promise<CreateSessionAnswerDto> {
    this.refuseForeignOrigin(request.headers.origin);
    const { planId, billingCycle, customer, couponCode, trial, addonIds, domain } = body;
    const started = await this.checkouts.create({
      ...customer,
      plan: planId,
      term: billingCycle,
      couponCode,
      trial,
      addons: addonIds,
      ...(domain === undefined ? {} : { domain: { name: domain.value, mode: domain.mode, authCode: domain.authCode } }),
      ...returnUrls(this.settings),
    });
    const { url, publicId, subscriptionId } = started;
    return { success: true, url, sessionId: publicId, subscriptionId: toPublicId('sub', subscriptionId) };
  }

  @Public()
  @StatusRate()
  @Get('checkout/session/:sessionId')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'What became of an order, for the success page' })
  @ApiOkResponse({ type: SessionStatusDto })
  async session(@Param('sessionId') sessionId: string): Promise<SessionStatusDto> {
    const { status, subscription, tenant, task } = await this.progress.view(sessionId);
    const { planId, billingCycle } = subscription.metadata as { planId: string; billingCycle: string };
    return {
      success: true,
      status,
      subscription: {
        id: toPublicId('sub', subscription.id),
        status: subscription.status,
        planId,
        billingCycle,
        currentPeriodEnd: subscription.currentPeriodEnd?.toISOString() ?? null,
      },
      tenant:
        tenant === undefined ? null : { id: toPublicId('tnt', tenant.id), name: tenant.name, status: tenant.status },
      provisioning:
        task === undefined ? null : { jobId: toPublicId('job', task.id), status: task.status, progress: task.progress },
    };
  }

  private refuseForeignOrigin(origin: string | undefined): void {
    const allowed = [...this.settings.corsOrigins, new URL(this.settings.appUrl).origin];
    if (origin === undefined || allowed.includes(origin)) return;
    throw new ProblemError(403, {
      code: 'origin-refused',
      detail: 'Orders are not taken from this site. The operator adds its address to MARKETING_SITE_URL.',
    });
  }
}
