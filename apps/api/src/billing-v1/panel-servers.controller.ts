import { type PanelServer, PanelServers, type Server } from '@keelson/hosting';
import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { Access } from '../access/access.decorator.js';
import { Idempotent } from '../idempotency/idempotency.interceptor.js';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '../openapi/api-docs.decorator.js';
import { panelPath, panelPlugin } from './panel-contract.js';
import {
  AddedPanelServerDto,
  ListedPanelServerDto,
  PanelServerDto,
  PanelServerStatusDto,
  PanelServerTestDto,
} from './panel-servers.dto.js';

@ApiTags('billing v1')
@Controller(`${panelPath}/servers`)
export class PanelServersController {
  constructor(private readonly servers: PanelServers) {}

  @Access('*', 'admin')
  @Post('test')
  @HttpCode(200)
  @ApiOperation({ summary: 'Asks a panel whether it takes these credentials; stores nothing' })
  @ApiOkResponse({ type: PanelServerTestDto })
  async test(@Body() body: PanelServerDto): Promise<PanelServerTestDto> {
    const { settings, url } = connectionOf(body);
    const refusal = await this.servers.refusalOf({ name: body.name, plugin: panelPlugin, settings });
    if (refusal === undefined) return { success: true, message: 'Connection successful! Server is online.', url };
    return { success: false, message: `Connection failed: ${refusal}`, url };
  }

  @Access('*', 'admin')
  @Idempotent()
  @Post()
  @ApiOperation({ summary: 'Adds a server that answers' })
  @ApiCreatedResponse({ type: AddedPanelServerDto })
  async add(@Body() body: PanelServerDto): Promise<AddedPanelServerDto> {
    const { name, capacity, location, description, tags } = body;
    const { settings, url } = connectionOf(body);
    const { server } = await this.servers.add({
      ...{ name, capacity, settings },
      plugin: panelPlugin,
      group: panelPlugin,
      ...(location === undefined ? {} : { region: location }),
      metadata: { description: description ?? null, tags: tags ?? [] },
    });
    return { message: 'Server added successfully', server_id: server.number, id: server.number, name, url };
  }

  @Access('provisioning', 'admin', 'operator')
  @Get()
  @ApiOperation({ summary: 'Servers of the panel, without their secrets' })
  @ApiOkResponse({ type: [ListedPanelServerDto] })
  async list(): Promise<ListedPanelServerDto[]> {
    return (await this.servers.list(panelPlugin)).map((panel) => {
      const { server } = panel;
      return {
        id: server.number,
        name: server.name,
        description: typeof server.metadata.description === 'string' ? server.metadata.description : null,
        base_url: urlOf(panel),
        is_active: server.isActive,
        is_online: server.isOnline,
        capacity: server.capacity,
        current_accounts: server.used,
        utilization_percent: utilizationOf(server),
        available_slots: Math.max(0, server.capacity - server.used),
        location: server.region,
        created_at: server.createdAt.toISOString(),
      };
    });
  }

  @Access('provisioning', 'admin', 'operator')
  @Get('status')
  @ApiOperation({ summary: 'Asks every server now whether it answers' })
  @ApiOkResponse({ type: [PanelServerStatusDto] })
  async status(): Promise<PanelServerStatusDto[]> {
    return (await this.servers.probe(panelPlugin)).map((panel) => {
      const { server } = panel;
      return {
        server_id: String(server.number),
        name: server.name,
        url: urlOf(panel),
        is_active: server.isActive,
        is_online: server.isOnline,
        current_accounts: server.used,
        capacity: server.capacity,
        utilization: utilizationOf(server),
      };
    });
  }
}

function connectionOf({ base_url, api_key: apiKey, api_secret: apiSecret }: PanelServerDto) {
  const url = base_url.replace(/\/+$/, '');
  return { url, settings: { url, apiKey, apiSecret } };
}

/** Where the panel is reached. */
export function urlOf({ connection: { settings } }: Pick<PanelServer, 'connection'>): string {
  return typeof settings.url === 'string' ? settings.url : '';
}

function utilizationOf({ used, capacity }: Server): number {
  return capacity === 0 ? 0 : Math.round((used / capacity) * 10_000) / 100;
}
