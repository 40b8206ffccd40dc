import { TypeID } from 'typeid-js';
import { v7, validate } from 'uuid';

/** Prefixes of public ids: what kind of thing an id names. */
export const idPrefixes = [
  'cust',
  'user',
  'tnt',
  'prod',
  'price',
  'sub',
  'srv',
  'node',
  'dom',
  'job',
  'inv',
  'pay',
  'key',
  'evt',
  'lic',
  'alert',
] as const;

export type IdPrefix = (typeof idPrefixes)[number];

/** A TypeID (https://github.com/jetify-com/typeid): the prefix and the row's UUID in 26 characters of base32. */
export type PublicId<Prefix extends string = IdPrefix> = `${Prefix}_${string}`;

/** The text given is not an id of the wanted kind. The message is safe to show; answer it with 400. */
export class InvalidIdError extends Error {
  override readonly name = 'InvalidIdError';

  constructor(
    readonly prefix: string,
    readonly given: string,
  ) {
    super(`Not a valid id: expected "${prefix}_" and 26 characters, or a UUID.`);
  }
}

/** A new primary key: UUIDv7 (RFC 9562), so that keys made later sort later. */
export function newId(): string {
  return v7();
}

/** The id as the API shows it. Any table can have a prefix of lower-case letters; the engine's are in `idPrefixes`. */
export function toPublicId<Prefix extends string = IdPrefix>(prefix: Prefix, id: string): PublicId<Prefix> {
  return TypeID.fromUUID(prefix, id).toString() as PublicId<Prefix>;
}

/**
 * The primary key behind an id from outside: a TypeID of that prefix, or a bare UUID.
 * Throws `InvalidIdError` for anything else, another prefix included.
 */
export function fromPublicId(prefix: string, text: string): string {
  if (validate(text)) return text.toLowerCase();
  try {
    return TypeID.fromString(text, prefix).toUUID();
  } catch {
    throw new InvalidIdError(prefix, text);
  }
}
