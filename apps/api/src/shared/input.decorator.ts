import { isDomain, normaliseDomain, normaliseEmail } from '@keelson/core';
import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '../openapi/api-docs.decorator.js';
import { Transform } from 'class-transformer';
import { Length, ValidateBy } from 'class-validator';

interface Documented {
  description?: string;
  example?: string;
  required?: boolean;
}

/** A domain name; IDNs are taken and handed on as A-labels in lower case. */
export function DomainName(options: Documented = {}) {
  return applyDecorators(
    ApiProperty({ example: 'example.com', type: String, ...options }),
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' && isDomain(value) ? normaliseDomain(value) : value,
    ),
    ValidateBy({
      name: 'domainName',
      validator: {
        validate: (value) => typeof value === 'string' && isDomain(value),
        defaultMessage: () => '$property must be a domain name such as example.com',
      },
    }),
  );
}

/** An e-mail address, handed on in lower case with its domain in A-labels. */
export function EmailAddress(options: Documented = {}) {
  return applyDecorators(
    ApiProperty({ example: 'office@example.com', type: String, ...options }),
    Transform(({ value }: { value: unknown }) => emailOf(value) ?? value),
    ValidateBy({
      name: 'emailAddress',
      validator: {
        validate: (value) => emailOf(value) !== undefined,
        defaultMessage: () => '$property must be an e-mail address',
      },
    }),
  );
}

function emailOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  try {
    return normaliseEmail(value);
  } catch {
    return undefined;
  }
}

/** One line of text: trimmed, not empty, no control characters. */
export function OneLine(maximum: number, options: Documented = {}) {
  return applyDecorators(
    ApiProperty({ type: String, maxLength: maximum, ...options }),
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim().normalize('NFC') : value)),
    ValidateBy({
      name: 'oneLine',
      validator: {
        validate: (value) => typeof value === 'string' && value.isWellFormed() && !/[\p{Cc}\u2028\u2029]/u.test(value),
        defaultMessage: () => '$property must be one line of text',
      },
    }),
    Length(1, maximum),
  );
}

/** An id that clients send as a number or as text, handed on as text. */
export function NumberOrText(options: Documented = {}) {
  return applyDecorators(
    ApiProperty({ oneOf: [{ type: 'integer' }, { type: 'string' }], ...options }),
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : value,
    ),
    ValidateBy({
      name: 'numberOrText',
      validator: {
        validate: (value) => typeof value === 'string' && /^[\w-]{1,64}$/.test(value),
        defaultMessage: () => '$property must be a whole number or the text of an id',
      },
    }),
  );
}

/** An absolute web address without user name, as a place to send a browser to. */
export function WebAddress(options: Documented = {}) {
  return applyDecorators(
    ApiProperty({
      example: 'https://www.example.com/thanks?session_id={CHECKOUT_SESSION_ID}',
      type: String,
      ...options,
    }),
    ValidateBy({
      name: 'webAddress',
      validator: { validate: isWebAddress, defaultMessage: () => '$property must be an http or https URL' },
    }),
  );
}

function isWebAddress(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > 2000 || /[\s\\]/.test(value) || !URL.canParse(value)) return false;
  const { protocol, username, password, hostname } = new URL(value);
  return (protocol === 'http:' || protocol === 'https:') && username === '' && password === '' && hostname !== '';
}
