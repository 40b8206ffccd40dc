import type { ApiPropertyOptions, ApiResponseNoStatusOptions } from '@nestjs/swagger';

/**
 * The decorators of `@nestjs/swagger` that this API uses, put off until somebody asks for the document: loading that package takes
 * an eighth of the boot, and most processes never show their documentation.
 */
type Swagger = typeof import('@nestjs/swagger');
type Decorator = ClassDecorator & MethodDecorator & PropertyDecorator;

let waiting: ((swagger: Swagger) => void)[] = [];

function later(make: (swagger: Swagger) => unknown): Decorator {
  return (...place: unknown[]) => {
    waiting.push((swagger) => {
      (make(swagger) as (...all: unknown[]) => void)(...place);
    });
  };
}

/** Applies what was put off, in the order in which the compiler applied it. Repeating it does nothing. */
export function applyDocs(swagger: Swagger): void {
  const due = waiting;
  waiting = [];
  for (const apply of due) apply(swagger);
}

export const ApiProperty = (options?: ApiPropertyOptions) => later((swagger) => swagger.ApiProperty(options));
export const ApiTags = (...tags: string[]) => later((swagger) => swagger.ApiTags(...tags));
export const ApiOperation = (options: { summary: string }) => later((swagger) => swagger.ApiOperation(options));
export const ApiOkResponse = (options: ApiResponseNoStatusOptions) =>
  later((swagger) => swagger.ApiOkResponse(options));
export const ApiCreatedResponse = (options: ApiResponseNoStatusOptions) =>
  later((swagger) => swagger.ApiCreatedResponse(options));
export const ApiAcceptedResponse = (options: ApiResponseNoStatusOptions) =>
  later((swagger) => swagger.ApiAcceptedResponse(options));
export const ApiNoContentResponse = () => later((swagger) => swagger.ApiNoContentResponse());
export const ApiExcludeController = () => later((swagger) => swagger.ApiExcludeController());
export const ApiBearerAuth = () => later((swagger) => swagger.ApiBearerAuth());
export const ApiSecurity = (name: string) => later((swagger) => swagger.ApiSecurity(name));
export const ApiHeader = (options: { name: string; required: boolean; description: string }) =>
  later((swagger) => swagger.ApiHeader(options));
