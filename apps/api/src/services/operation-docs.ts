import { findOperation, operationNames } from '@keelson/provisioning';
import type { OpenAPIObject } from '@nestjs/swagger';
import { targetConstructorToSchema } from 'class-validator-jsonschema';

const generalPath = '/api/services/{id}/{operation}';

/** Replaces the general route of operations by one entry for each operation, with its own input. */
export function describeOperations(document: OpenAPIObject): void {
  const { [generalPath]: general, ...paths } = document.paths;
  const post = general?.post;
  if (post === undefined) return;
  const parameters = (post.parameters ?? []).filter((one) => !('name' in one && one.name === 'operation'));
  for (const name of operationNames) {
    const operation = findOperation(name);
    if (operation === undefined) continue;
    const slug = name.replaceAll('_', '-');
    const input = targetConstructorToSchema(operation.input) as { properties?: object; required?: string[] };
    const schema = {
      type: 'object',
      additionalProperties: false,
      properties: { ...input.properties, dryRun: { type: 'boolean', default: false } },
      required: input.required ?? [],
    };
    paths[`/api/services/{id}/${slug}`] = {
      post: {
        ...post,
        operationId: `OperationsController_${name}`,
        summary: operation.summary,
        description: `For services that are ${operation.from.join(' or ')}; for ${operation.roles.join(', ')}.`,
        parameters,
        requestBody: {
          required: schema.required.length > 0,
          content: { 'application/json': { schema } },
        },
      },
    };
  }
  document.paths = paths;
}
