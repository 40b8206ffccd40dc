import 'reflect-metadata';
import { JsonLogger, type Runtime } from '@keelson/core';
import { assertInstallationKey } from '@keelson/database';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ApiModule } from './api.module.js';
import { configureHttp, httpAdapter } from './http/http-server.js';
import { ApiDocs } from './openapi/api-docs.js';

/** An API that listens. */
export interface RunningApi {
  /** Where it listens: `http://127.0.0.1:2271`. */
  url: string;
  /** Refuses new requests with 503, finishes those under way, and stops. */
  close(): Promise<void>;
}

/**
 * Starts the HTTP API. Resolves once it listens; rejects when the database cannot be reached, its secrets do not open, or the
 * port is taken.
 * @param options.host address to listen on. Default: all of them
 * @param options.port 0: any free one. Default: the settings' `PORT`
 */
export async function startApi(
  runtime: Runtime,
  databaseUrl: string,
  options: { host?: string; port?: number } = {},
): Promise<RunningApi> {
  await assertInstallationKey(databaseUrl, runtime.keyring);
  const app = await createApi(runtime, databaseUrl);
  try {
    await app.listen(options.port ?? runtime.settings.port, options.host ?? '0.0.0.0');
  } catch (thrown) {
    await app.close();
    throw thrown;
  }
  const { port } = app.getHttpServer().address() as { port: number };
  return { url: `http://${options.host ?? '127.0.0.1'}:${port}`, close: () => app.close() };
}

/** The application, ready to listen. */
export async function createApi(runtime: Runtime, databaseUrl: string): Promise<NestFastifyApplication> {
  const { settings } = runtime;
  const app = await NestFactory.create<NestFastifyApplication>(
    ApiModule.forRoot(runtime, databaseUrl),
    httpAdapter(settings),
    {
      logger: new JsonLogger({ level: settings.logLevel }),
      rawBody: true,
      bodyParser: false,
      abortOnError: false,
      forceCloseConnections: true,
      return503OnClosing: true,
      routeConflictPolicy: { duplicate: 'error' },
    },
  );
  await configureHttp(app, settings);
  app.get(ApiDocs).describe(app);
  return app;
}
