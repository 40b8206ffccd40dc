import { toMajor } from '@keelson/billing';
import { type BillingCycle, type Plan, ProductsService } from '@keelson/catalogue';
import { licenceLimitsOf } from '@keelson/hosting';
import { Controller, Get } from '@nestjs/common';
import { Public } from '../access/access.decorator.js';
import { PublicRate } from '../http/public-rate.decorator.js';
import { ApiOkResponse, ApiOperation, ApiTags } from '../openapi/api-docs.decorator.js';
import { limitFieldsOf } from './licence.mapper.js';
import { PlanV1Dto } from './plans-v1.dto.js';

@ApiTags('billing v1')
@Controller('api/v1/plans')
export class PlansV1Controller {
  constructor(private readonly products: ProductsService) {}

  @Public()
  @PublicRate()
  @Get()
  @ApiOperation({ summary: 'What is for sale, and what a licence of it allows' })
  @ApiOkResponse({ type: [PlanV1Dto] })
  async list(): Promise<PlanV1Dto[]> {
    return (await this.products.listPlans()).map(planOf);
  }
}

function planOf({ product, prices }: Plan): PlanV1Dto {
  const { number: id, name, slug, description, type, features } = product;
  const priceOf = (cycle: BillingCycle) => {
    const price = prices.find(({ billingCycle }) => billingCycle === cycle);
    return price === undefined ? null : toMajor(price.amount, price.currency);
  };
  return {
    ...{ id, name, slug, description, type },
    currency: prices[0]?.currency ?? '',
    price_monthly: priceOf('monthly'),
    price_yearly: priceOf('annually'),
    features,
    ...limitFieldsOf(licenceLimitsOf(product.limits)),
  };
}
