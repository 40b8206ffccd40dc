import { type INestApplication, Injectable } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';
import { describeOperations } from '../services/operation-docs.js';
import { applyDocs } from './api-docs.decorator.js';

/** The OpenAPI document, built when somebody first asks for it: it takes time and memory that most processes never need. */
@Injectable()
export class ApiDocs {
  private document?: Promise<OpenAPIObject>;
  private app?: INestApplication;

  /** Names the application whose routes are described. */
  describe(app: INestApplication): void {
    this.app = app;
  }

  build(): Promise<OpenAPIObject> {
    this.document ??= this.make();
    return this.document;
  }

  private async make(): Promise<OpenAPIObject> {
    if (this.app === undefined) throw new Error('ApiDocs.describe was not called');
    const swagger = await import('@nestjs/swagger');
    applyDocs(swagger);
    const frame = new swagger.DocumentBuilder()
      .setTitle('Keelson')
      .setDescription(
        'Errors are application/problem+json (RFC 9457) with `code` for programs and `errors[]` for fields. ' +
          'POST requests that create something take an `Idempotency-Key`.',
      )
      .setVersion('1')
      .addBearerAuth()
      .addApiKey({ type: 'apiKey', in: 'header', name: 'X-API-Key' }, 'api-key')
      .build();
    const document = swagger.SwaggerModule.createDocument(this.app, frame);
    describeOperations(document);
    return document;
  }
}
