import { ApiProperty } from '../openapi/api-docs.decorator.js';

export class ConnectionUseDto {
  @ApiProperty({ description: 'From the configuration, else from the plugin', example: { concurrency: 4 } })
  limits: { concurrency?: number; ratePerSecond?: number; burst?: number };

  @ApiProperty({
    enum: ['closed', 'open', 'probing'],
    description: 'open: it failed several times in a row; steps wait for one that finds out whether it answers again',
  })
  breaker: string;

  @ApiProperty({ description: 'Failures in a row' })
  failures: number;

  @ApiProperty({ nullable: true })
  openSince: string | null;

  @ApiProperty({ nullable: true })
  nextProbeAt: string | null;

  @ApiProperty({ nullable: true, description: 'The vendor asked for patience until then' })
  pausedUntil: string | null;

  @ApiProperty({ nullable: true, description: 'Uses left at once, where there is a rate' })
  tokens: number | null;

  @ApiProperty({ description: 'Uses under way, where something limits them' })
  inFlight: number;

  @ApiProperty({ description: 'Steps that wait for their turn' })
  waiting: number;
}

export class ConnectionDto {
  @ApiProperty()
  id: string;

  @ApiProperty()
  name: string;

  @ApiProperty()
  plugin: string;

  @ApiProperty({ enum: ['config', 'admin'] })
  source: string;

  @ApiProperty({ enum: ['enabled', 'disabled'] })
  status: string;

  @ApiProperty({ description: 'Settings that are not secret' })
  settings: Record<string, unknown>;

  @ApiProperty({ nullable: true })
  lastTestedAt: string | null;

  @ApiProperty({ nullable: true })
  lastError: string | null;

  @ApiProperty({ description: 'How the engine uses it at this moment' })
  use: ConnectionUseDto;
}

export class ConnectionsAnswerDto {
  @ApiProperty({ type: [ConnectionDto] })
  data: ConnectionDto[];

  @ApiProperty()
  total: number;
}

export class ConnectionTestDto {
  @ApiProperty({ description: 'Whether it works for every port' })
  success: boolean;

  @ApiProperty({ example: [{ port: 'payment', ok: true }] })
  ports: { port: string; ok: boolean; message?: string }[];
}
