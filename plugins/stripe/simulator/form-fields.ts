import { invalid } from './api-error.js';

export type Field = string | Fields | Field[];
export interface Fields {
  [name: string]: Field | undefined;
}

/** Turns `a[b][0]=c` into `{ a: { b: ['c'] } }`. Numbered fields become lists; an empty value stays an empty text. */
export function nest(flat: Record<string, unknown>): Fields {
  const root: Tree = new Map();
  for (const [name, value] of Object.entries(flat)) {
    const path = name.split(/[[\]]+/).filter((part) => part !== '');
    let node = root;
    for (const part of path.slice(0, -1)) {
      const next = node.get(part);
      const branch: Tree = next instanceof Map ? next : new Map();
      node.set(part, branch);
      node = branch;
    }
    node.set(path.at(-1) ?? '', String(value));
  }
  return fieldsOf(root) as Fields;
}

type Tree = Map<string, string | Tree>;

function fieldsOf(tree: Tree): Field {
  const entries = [...tree].map(([name, value]): [string, Field] => [
    name,
    value instanceof Map ? fieldsOf(value) : value,
  ]);
  const numbered = entries.length > 0 && entries.every(([name]) => /^\d+$/.test(name));
  return numbered ? entries.map(([, value]) => value) : Object.fromEntries(entries);
}

export function textOf(field: Field | undefined): string | undefined {
  return typeof field === 'string' && field !== '' ? field : undefined;
}

export function listOf(field: Field | undefined): Fields[] {
  return Array.isArray(field) ? (field as Fields[]) : [];
}

export function fieldsIn(field: Field | undefined): Fields {
  return typeof field === 'object' && !Array.isArray(field) ? field : {};
}

/** @throws ApiError when the field is given and no whole number of at least `least` */
export function integerOf(field: Field | undefined, param: string, least = 0): number | undefined {
  const text = textOf(field);
  if (text === undefined) return undefined;
  if (!/^-?\d+$/.test(text)) throw invalid(`Invalid integer: ${text}`, param, 'parameter_invalid_integer');
  if (Number(text) < least) throw invalid(`This value must be greater than or equal to ${least}.`, param);
  return Number(text);
}

/** @throws ApiError beyond 50 keys of 40 and values of 500 characters */
export function metadataOf(field: Field | undefined, param = 'metadata'): Record<string, string> {
  const entries = Object.entries(fieldsIn(field));
  if (entries.length > 50) throw invalid('Metadata can hold at most 50 keys.', param);
  return Object.fromEntries(
    entries.map(([name, value]): [string, string] => {
      if (typeof value !== 'string') throw invalid('Metadata values must be strings.', `${param}[${name}]`);
      if (name.length > 40) throw invalid('Metadata keys can be at most 40 characters long.', param);
      if (value.length > 500) throw invalid('Metadata values can be at most 500 characters long.', `${param}[${name}]`);
      return [name, value];
    }),
  );
}

/** @throws ApiError as the API does for a name that it does not know */
export function refuseUnknown(fields: Fields, known: readonly string[]): void {
  const unknown = Object.keys(fields).find((name) => name !== 'expand' && !known.includes(name));
  if (unknown !== undefined) throw invalid(`Received unknown parameter: ${unknown}`, unknown, 'parameter_unknown');
}
