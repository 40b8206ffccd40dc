import { toMajor } from '@keelson/billing';
import { type Plan, ProductsService } from '@keelson/catalogue';
import { Injectable } from '@nestjs/common';
import type { PlanDto } from './plans.dto.js';

const freshMs = 5_000;

/** The list of plans as JSON, kept for five seconds: shops ask for it far more often than it changes. */
@Injectable()
export class PlansService {
  private kept?: { json: Promise<string>; until: number };

  constructor(private readonly products: ProductsService) {}

  json(): Promise<string> {
    const now = performance.now();
    if (this.kept === undefined || this.kept.until < now) {
      const json = this.read();
      this.kept = { json, until: now + freshMs };
      json.catch(() => (this.kept = undefined));
    }
    return this.kept.json;
  }

  private async read(): Promise<string> {
    const plans = await this.products.listPlans();
    return JSON.stringify({ plans: plans.map(planOf) });
  }
}

function planOf({ product, prices }: Plan): PlanDto {
  const currency = prices[0]?.currency ?? '';
  const setupFee = prices.find((price) => price.setupFee > 0)?.setupFee;
  return {
    id: product.slug,
    name: product.name,
    description: product.description,
    type: product.type,
    currency,
    price: Object.fromEntries(prices.map((price) => [price.billingCycle, toMajor(price.amount, price.currency)])),
    features: product.features,
    ...(product.trialDays === null ? {} : { trialDays: product.trialDays }),
    ...(setupFee === undefined ? {} : { setupFee: toMajor(setupFee, currency) }),
  };
}
