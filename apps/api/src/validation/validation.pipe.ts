import { type ValidationError, ValidationPipe } from '@nestjs/common';
import { type FieldError, ProblemError } from '../problem/problem.errors.js';

/** Bodies and queries hold exactly what their DTO declares: anything unknown, missing or of another type is a 400 that lists the fields. */
export function validationPipe(): ValidationPipe {
  return new ValidationPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    transform: true,
    stopAtFirstError: true,
    validationError: { target: false, value: false },
    exceptionFactory: (errors) => {
      const fields = fieldErrors(errors);
      return new ProblemError(400, {
        code: 'validation-failed',
        detail:
          fields
            .map((field) => field.message)
            .join('; ')
            .slice(0, 1000) || 'The request is not valid.',
        errors: fields,
      });
    },
  });
}

/** Nested errors flattened to paths. */
export function fieldErrors(errors: readonly ValidationError[], parent = ''): FieldError[] {
  return errors.flatMap((error) => {
    const path = parent === '' ? error.property : `${parent}.${error.property}`;
    const own = Object.values(error.constraints ?? {}).map((message) => ({ path, message }));
    return [...own, ...fieldErrors(error.children ?? [], path)];
  });
}
