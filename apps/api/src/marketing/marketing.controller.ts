import { type CheckoutOrder, CheckoutsService } from '@keelson/billing';
import { type Settings, settingsToken } from '@keelson/core';
import { toPublicId } from '@keelson/database';
import { Body, Controller, Inject, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiTags } from '../openapi/api-docs.decorator.js';
import { Access } from '../access/access.decorator.js';
import { returnUrls } from '../checkout/return-urls.js';
import { Idempotent } from '../idempotency/idempotency.interceptor.js';
import { CheckoutIntentAnswerDto, CheckoutIntentDto } from './marketing.dto.js';

@ApiTags('shop')
@Controller('api/marketing')
export class MarketingController {
  constructor(
    private readonly checkouts: CheckoutsService,
    @Inject(settingsToken) private readonly settings: Settings,
  ) {}

  @Access('marketing', 'admin', 'operator')
  @Idempotent()
  @Post('checkout-intent')
  @ApiOperation({ summary: 'Begins an order with the account of its customer' })
  @ApiCreatedResponse({ type: CheckoutIntentAnswerDto })
  async intent(@Body() body: CheckoutIntentDto): Promise<CheckoutIntentAnswerDto> {
    const testMode = body.testMode === true;
    const order = this.orderOf(body);
    const started = testMode
      ? await this.checkouts.createTest(order, body.promoCode)
      : await this.checkouts.create({ ...order, couponCode: body.promoCode });
    return {
      success: true,
      url: started.url,
      sessionId: started.publicId,
      subscriptionId: toPublicId('sub', started.subscriptionId),
      customerId: toPublicId('cust', started.customerId),
      testMode,
    };
  }

  private orderOf(body: CheckoutIntentDto): CheckoutOrder {
    const { planSlug, billingCycle, domain, domainMode = 'external', authCode, addonIds, trial, utm } = body;
    const { firstName, lastName, ...customer } = body.customer;
    return {
      ...customer,
      plan: planSlug,
      term: billingCycle,
      name: `${firstName} ${lastName}`,
      password: body.account.password,
      ...(domain === undefined ? {} : { domain: { name: domain, mode: domainMode, authCode }, reserveDomain: true }),
      addons: addonIds,
      trial,
      campaign: utm,
      ...returnUrls(this.settings),
    };
  }
}
