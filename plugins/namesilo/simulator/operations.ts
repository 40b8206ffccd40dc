import type { AccountStore } from './account-store.js';
import type { ReplyFields } from './reply-xml.js';

/** One call of the API. */
export interface OperationCall {
  store: AccountStore;
  args: Record<string, string>;
  /** The parameter, in lower case where it is a domain. @throws Refusal 108 */
  need(name: string): string;
}

export interface OperationAnswer {
  /** Default 300. */
  code?: number;
  detail?: string;
  fields?: ReplyFields;
  changed?: boolean;
}

export type Operation = (call: OperationCall) => OperationAnswer;

export const changed: OperationAnswer = { changed: true };
/** Values of numbered parameters such as `ns1`, `ns2`, in order. */
export function numbered(args: Record<string, string>, name: string): string[] {
  return Array.from({ length: 13 }, (_, index) => args[`${name}${index + 1}`] ?? '').filter((value) => value !== '');
}

export function money(cents: number): string {
  const [whole = '', rest = ''] = (Math.abs(cents) / 100).toFixed(2).split('.');
  return `${cents < 0 ? '-' : ''}${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${rest}`;
}
