import { textOf } from '../http/vendor-answer.js';

/**
 * Megabytes of a size as panels write it: a bare number of megabytes, `14M`, `1.5 GB`; two digits after the point. Undefined for
 * `unlimited` and what is no size.
 */
export function megabytesOf(size: unknown): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([KMGT]?)i?B?$/i.exec(textOf(size) ?? '');
  if (match === null) return undefined;
  const factor = { K: 1 / 1024, M: 1, G: 1024, T: 1024 * 1024 }[(match[2] || 'M').toUpperCase()] ?? 1;
  return Math.round(Number(match[1]) * factor * 100) / 100;
}
