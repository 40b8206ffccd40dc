import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '../openapi/api-docs.decorator.js';
import { Public } from '../access/access.decorator.js';
import { ProblemError } from '../problem/problem.errors.js';
import { HealthDto } from './health.dto.js';
import { HealthService } from './health.service.js';

@ApiTags('health')
@Controller()
export class HealthController {
  constructor(private readonly health: HealthService) {}

  @Public()
  @Get(['api/health', 'health'])
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Whether this process can work. 503 names the parts that do not.' })
  @ApiOkResponse({ type: HealthDto })
  async show(): Promise<HealthDto> {
    const parts = await this.health.check();
    const failing = Object.entries(parts).flatMap(([part, works]) => (works ? [] : [part]));
    const checks = Object.fromEntries(Object.entries(parts).map(([part, works]) => [part, works ? 'ok' : 'failing']));
    if (failing.length > 0) {
      const detail = `Not ready: ${failing.join(', ')}.`;
      throw new ProblemError(503, {
        code: 'not-ready',
        detail,
        members: { failing, checks },
        headers: { 'retry-after': '5' },
      });
    }
    return { status: 'ok', checks, uptimeSeconds: Math.round(process.uptime()) };
  }
}
