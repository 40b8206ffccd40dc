import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BindingsService, ConnectionsService, seedCatalogue } from '@keelson/catalogue';
import {
  adapterFor,
  Keyring,
  loadSettings,
  paymentPort,
  provisionerPort,
  Plugin,
  type PluginManifest,
  PluginRegistry,
  type Runtime,
  Setting,
  systemClock,
  manifestOf,
} from '@keelson/core';
import { dataSourceOptions } from '@keelson/database';
import { testDatabase } from '@keelson/testing/database';
import {
  MemoryHostingServer,
  MemoryPaymentAdapter,
  MemoryPaymentVendor,
  memoryProvisionerCapabilities,
  MemoryProvisionerAdapter,
} from '@keelson/testing/memory';
import { IsOptional, IsString } from 'class-validator';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { createApi } from '../src/main.js';

export const bootstrapToken = 'bootstrap-token-for-tests-0123456789abcdef';

export interface Answer {
  status: number;
  headers: Headers;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests look at whatever came
  body: any;
}

/** An API on a free port over a database of its own, with a payment provider in memory. */
export interface TestApi {
  url: string;
  app: NestFastifyApplication;
  dataSource: DataSource;
  vendor: MemoryPaymentVendor;
  /** What connections of the plugin `memory` provision on. */
  panel: MemoryHostingServer;
  /** One request; objects are sent as JSON, text and bytes as they are. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** The same with the bootstrap token. */
  admin(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  close(): Promise<void>;
}

class MemorySettings {
  @Setting({ description: 'Nothing depends on it.' })
  @IsOptional()
  @IsString()
  label?: string;
}

/** Starts it. @param env settings beside the defaults of the tests */
export async function startTestApi(env: NodeJS.ProcessEnv = {}): Promise<TestApi> {
  const home = mkdtempSync(join(tmpdir(), 'keelson-api-test-'));
  const database = await testDatabase();
  const dataSource = await new DataSource(dataSourceOptions({ url: database.url, poolSize: 4 })).initialize();
  await seedCatalogue(dataSource);
  const vendor = new MemoryPaymentVendor();
  const panel = new MemoryHostingServer();
  const runtime = testRuntime(vendor, panel, {
    KEELSON_HOME: home,
    MPANEL_API_TOKEN: bootstrapToken,
    MARKETING_SITE_URL: 'https://www.shop.example',
    LOG_LEVEL: 'fatal',
    ...env,
  });
  const app = await createApi(runtime, database.url);
  await app.init();
  const connection = await app.get(ConnectionsService).put({ name: 'payments', plugin: 'memory', settings: {} });
  await app.get(BindingsService).bind('payment', {}, [connection.id]);
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as { port: number };
  const url = `http://127.0.0.1:${port}`;
  const call: TestApi['call'] = (method, path, body, headers) => request(`${url}${path}`, method, body, headers);
  return {
    url,
    app,
    dataSource,
    vendor,
    panel,
    call,
    admin: (method, path, body, headers) =>
      call(method, path, body, { authorization: `Bearer ${bootstrapToken}`, ...headers }),
    async close() {
      await app.close();
      await dataSource.destroy();
      await database.drop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function testRuntime(vendor: MemoryPaymentVendor, panel: MemoryHostingServer, env: NodeJS.ProcessEnv): Runtime {
  @Plugin({
    id: 'memory',
    title: 'A provider in memory',
    version: '1.0.0',
    settings: MemorySettings,
    adapters: [
      adapterFor(paymentPort, {
        portVersion: 1,
        settings: MemorySettings,
        capabilities: ['disputes'],
        create: () => new MemoryPaymentAdapter(vendor),
      }),
      adapterFor(provisionerPort, {
        portVersion: 1,
        settings: MemorySettings,
        capabilities: memoryProvisionerCapabilities,
        create: () => new MemoryProvisionerAdapter(panel),
      }),
    ],
  })
  class MemoryPlugin {}
  return {
    settings: loadSettings(env),
    config: { plugins: ['memory'], connections: [], bindings: { default: {}, types: {}, products: {} }, servers: [] },
    registry: new PluginRegistry([
      { manifest: manifestOf(MemoryPlugin) as PluginManifest, module: MemoryPlugin, folder: '' } as never,
    ]),
    keyring: Keyring.fromText('00'.repeat(32)),
    clock: systemClock,
  };
}

async function request(
  url: string,
  method: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const raw = typeof body === 'string' || body instanceof Uint8Array;
  const response = await fetch(url, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: raw ? (body as string) : JSON.stringify(body) }),
    redirect: 'manual',
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, body: isJson && text !== '' ? JSON.parse(text) : text };
}
