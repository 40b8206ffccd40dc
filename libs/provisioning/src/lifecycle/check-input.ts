import { plainToInstance } from 'class-transformer';
import { validate, type ValidationError } from 'class-validator';
import { OperationRefusedError } from './lifecycle.errors.js';

/**
 * The input as an object of its class.
 * @throws OperationRefusedError `bad-input` that names every wrong, missing or unknown field
 */
export async function checkInput<Input extends object>(type: new () => Input, input: object): Promise<Input> {
  const checked = plainToInstance(type, input);
  const fields = fieldsOf(
    await validate(checked, {
      whitelist: true,
      forbidNonWhitelisted: true,
      stopAtFirstError: true,
      forbidUnknownValues: false,
    }),
  );
  if (fields.length === 0) return checked;
  const detail = fields.map(({ message }) => message).join('; ');
  throw new OperationRefusedError('bad-input', 'validation-failed', detail.slice(0, 1000), fields);
}

function fieldsOf(errors: readonly ValidationError[], parent = ''): { path: string; message: string }[] {
  return errors.flatMap(({ property, constraints = {}, children = [] }) => {
    const path = parent === '' ? property : `${parent}.${property}`;
    return [...Object.values(constraints).map((message) => ({ path, message })), ...fieldsOf(children, path)];
  });
}
