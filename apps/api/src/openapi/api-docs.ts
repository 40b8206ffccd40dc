import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';

/** The OpenAPI document, built when somebody first asks for it: it takes time and memory that most processes never need. */
export class ApiDocs {
  private document?: OpenAPIObject;
  private app?: INestApplication;

  /** Names the application whose routes are described. */
  describe(app: INestApplication): void {
    this.app = app;
  }

  build(): OpenAPIObject {
    if (this.app === undefined) throw new Error('ApiDocs.describe was not called');
    this.document ??= SwaggerModule.createDocument(this.app, documentFrame());
    return this.document;
  }
}

function documentFrame() {
  return new DocumentBuilder()
    .setTitle('Keelson')
    .setDescription(
      'Errors are application/problem+json (RFC 9457) with `code` for programs and `errors[]` for fields. ' +
        'POST requests that create something take an `Idempotency-Key`.',
    )
    .setVersion('1')
    .addBearerAuth()
    .addApiKey({ type: 'apiKey', in: 'header', name: 'X-API-Key' }, 'api-key')
    .build();
}
