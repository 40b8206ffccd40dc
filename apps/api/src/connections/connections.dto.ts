import { ApiProperty } from '../openapi/api-docs.decorator.js';

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
