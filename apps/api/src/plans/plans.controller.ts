import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '../openapi/api-docs.decorator.js';
import { Public } from '../access/access.decorator.js';
import { PublicRate } from '../http/public-rate.decorator.js';
import { PlansDto } from './plans.dto.js';
import { PlansService } from './plans.service.js';

@ApiTags('shop')
@Controller('api/public/plans')
export class PlansController {
  constructor(private readonly plans: PlansService) {}

  @Public()
  @PublicRate()
  @Get()
  @Header('content-type', 'application/json; charset=utf-8')
  @Header('cache-control', 'public, max-age=5')
  @ApiOperation({ summary: 'What is for sale, and for how much' })
  @ApiOkResponse({ type: PlansDto })
  list(): Promise<string> {
    return this.plans.json();
  }
}
