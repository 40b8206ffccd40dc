import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Controller, Get, Header, Param, StreamableFile } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';
import { ApiExcludeController } from './api-docs.decorator.js';
import { Public } from '../access/access.decorator.js';
import { ProblemError } from '../problem/problem.errors.js';
import { ApiDocs } from './api-docs.js';

const types: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Keelson API</title>
    <link rel="icon" href="/docs/favicon-32x32.png" />
    <link rel="stylesheet" href="/docs/swagger-ui.css" />
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

const start = `SwaggerUIBundle({ url: '/docs-json', dom_id: '#swagger-ui', deepLinking: true, persistAuthorization: false });\n`;

/** Swagger UI and the document that it shows. */
@ApiExcludeController()
@Public()
@Controller()
export class DocsController {
  constructor(private readonly docs: ApiDocs) {}

  @Get('docs')
  @Header('content-type', 'text/html; charset=utf-8')
  page(): string {
    return page;
  }

  @Get('docs-json')
  document(): Promise<OpenAPIObject> {
    return this.docs.build();
  }

  @Get('docs/start.js')
  @Header('content-type', 'text/javascript; charset=utf-8')
  start(): string {
    return start;
  }

  @Get('docs/:asset')
  @Header('cache-control', 'public, max-age=86400')
  asset(@Param('asset') asset: string): StreamableFile {
    const type = Object.hasOwn(types, asset) ? types[asset] : undefined;
    if (type === undefined)
      throw new ProblemError(404, { code: 'not-found', detail: 'There is nothing at this address.' });
    const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
    return new StreamableFile(createReadStream(join(folder, asset)), { type });
  }
}
