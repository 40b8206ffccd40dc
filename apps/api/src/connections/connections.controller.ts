import { type Connection, ConnectionNotFoundError, ConnectionsService } from '@keelson/catalogue';
import { type GateState, GateStates } from '@keelson/provisioning';
import { Controller, Get, HttpCode, Param, ParseUUIDPipe, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '../openapi/api-docs.decorator.js';
import { Access } from '../access/access.decorator.js';
import { ConnectionDto, ConnectionsAnswerDto, ConnectionTestDto, type ConnectionUseDto } from './connections.dto.js';

@ApiTags('admin')
@Controller('api/admin/connections')
export class ConnectionsController {
  constructor(
    private readonly connections: ConnectionsService,
    private readonly gates: GateStates,
  ) {}

  @Access('*', 'admin')
  @Get()
  @ApiOperation({ summary: 'The accounts at vendors, without their secrets' })
  @ApiOkResponse({ type: ConnectionsAnswerDto })
  async list(): Promise<ConnectionsAnswerDto> {
    const [connections, gates] = await Promise.all([this.connections.list(), this.gates.all()]);
    const data = connections.map((connection) => connectionOf(connection, gates.get(connection.id)));
    return { data, total: data.length };
  }

  @Access('*', 'admin')
  @Get(':id')
  @ApiOperation({ summary: 'One account at a vendor, and how the engine uses it at this moment' })
  @ApiOkResponse({ type: ConnectionDto })
  async find(@Param('id', ParseUUIDPipe) id: string): Promise<ConnectionDto> {
    const [connection, gate] = await Promise.all([this.connections.find(id), this.gates.of(id)]);
    if (connection === undefined) throw new ConnectionNotFoundError();
    return connectionOf(connection, gate);
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

function connectionOf(connection: Connection, gate?: GateState): ConnectionDto {
  const { id, name, plugin, source, status, settings, lastTestedAt, lastError } = connection;
  return {
    id,
    name,
    plugin,
    source,
    status,
    settings,
    lastTestedAt: lastTestedAt?.toISOString() ?? null,
    lastError,
    use: useOf(gate),
  };
}

function useOf(gate?: GateState): ConnectionUseDto {
  return {
    limits: gate?.limits ?? {},
    breaker: gate?.breaker ?? 'closed',
    failures: gate?.failures ?? 0,
    openSince: gate?.openSince?.toISOString() ?? null,
    nextProbeAt: gate?.nextProbeAt?.toISOString() ?? null,
    pausedUntil: gate?.pausedUntil?.toISOString() ?? null,
    tokens: gate?.tokens ?? null,
    inFlight: gate?.inFlight ?? 0,
    waiting: gate?.waiting ?? 0,
  };
}
