import { type Connection, ConnectionsService } from '@keelson/catalogue';
import { Controller, Get, HttpCode, Param, ParseUUIDPipe, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '../openapi/api-docs.decorator.js';
import { Access } from '../access/access.decorator.js';
import { type ConnectionDto, ConnectionsAnswerDto, ConnectionTestDto } from './connections.dto.js';

@ApiTags('admin')
@Controller('api/admin/connections')
export class ConnectionsController {
  constructor(private readonly connections: ConnectionsService) {}

  @Access('*', 'admin')
  @Get()
  @ApiOperation({ summary: 'The accounts at vendors, without their secrets' })
  @ApiOkResponse({ type: ConnectionsAnswerDto })
  async list(): Promise<ConnectionsAnswerDto> {
    const connections = await this.connections.list();
    return { data: connections.map(connectionOf), total: connections.length };
  }

  @Access('*', 'admin')
  @Post(':id/test')
  @HttpCode(200)
  @ApiOperation({ summary: 'Asks the vendor whether the connection works' })
  @ApiOkResponse({ type: ConnectionTestDto })
  async test(@Param('id', ParseUUIDPipe) id: string): Promise<ConnectionTestDto> {
    const { ok, ports } = await this.connections.test(id);
    return { success: ok, ports };
  }
}

function connectionOf({
  id,
  name,
  plugin,
  source,
  status,
  settings,
  lastTestedAt,
  lastError,
}: Connection): ConnectionDto {
  return { id, name, plugin, source, status, settings, lastTestedAt: lastTestedAt?.toISOString() ?? null, lastError };
}
