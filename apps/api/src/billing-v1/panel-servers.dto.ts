import { ArrayMaxSize, IsArray, IsInt, IsOptional, IsString, Length, Max, Min } from 'class-validator';
import { ApiProperty } from '../openapi/api-docs.decorator.js';
import { OneLine, WebAddress } from '../shared/input.decorator.js';

export class PanelServerDto {
  @OneLine(100)
  name: string;

  @WebAddress({ example: 'https://panel1.example.com:9000' })
  base_url: string;

  @ApiProperty({ description: 'Id of the API key' })
  @IsString()
  @Length(1, 255)
  api_key: string;

  @ApiProperty({ description: 'Secret of the API key' })
  @IsString()
  @Length(1, 255)
  api_secret: string;

  @ApiProperty({ required: false, default: 100, minimum: 1, description: 'Accounts it may hold' })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  capacity: number = 100;

  @IsOptional()
  @OneLine(500, { required: false })
  description?: string;

  @IsOptional()
  @OneLine(100, { required: false })
  location?: string;

  @ApiProperty({ type: [String], required: false })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(50)
  @IsString({ each: true })
  @Length(1, 50, { each: true })
  tags?: string[];
}

export class PanelServerTestDto {
  @ApiProperty()
  success: boolean;

  @ApiProperty()
  message: string;

  @ApiProperty()
  url: string;
}

export class AddedPanelServerDto {
  @ApiProperty()
  message: string;

  @ApiProperty({ example: 1 })
  server_id: number;

  @ApiProperty({ example: 1 })
  id: number;

  @ApiProperty()
  name: string;

  @ApiProperty()
  url: string;
}

export class ListedPanelServerDto {
  @ApiProperty({ example: 1 })
  id: number;

  @ApiProperty()
  name: string;

  @ApiProperty({ type: String, nullable: true })
  description: string | null;

  @ApiProperty()
  base_url: string;

  @ApiProperty()
  is_active: boolean;

  @ApiProperty({ description: 'When it was last asked' })
  is_online: boolean;

  @ApiProperty()
  capacity: number;

  @ApiProperty()
  current_accounts: number;

  @ApiProperty()
  utilization_percent: number;

  @ApiProperty()
  available_slots: number;

  @ApiProperty({ type: String, nullable: true })
  location: string | null;

  @ApiProperty()
  created_at: string;
}

export class PanelServerStatusDto {
  @ApiProperty({ example: '1' })
  server_id: string;

  @ApiProperty()
  name: string;

  @ApiProperty()
  url: string;

  @ApiProperty()
  is_active: boolean;

  @ApiProperty()
  is_online: boolean;

  @ApiProperty()
  current_accounts: number;

  @ApiProperty()
  capacity: number;

  @ApiProperty({ description: 'Per cent' })
  utilization: number;
}
