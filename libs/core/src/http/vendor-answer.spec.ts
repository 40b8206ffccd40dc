import { describe, expect, it } from '@jest/globals';
import { PortError } from '../errors/port-error.js';
import { arrayFrom, errorBodyFrom, objectFrom, textOf, textsFrom } from './vendor-answer.js';

function codeOf(read: () => unknown): string {
  try {
    return `read ${JSON.stringify(read())}`;
  } catch (thrown) {
    return thrown instanceof PortError ? thrown.code : String(thrown);
  }
}

describe('reading the answer of a vendor', () => {
  it.each([['object'], [['a list']], [null], [undefined], [7]])('takes %p for no object', (answer) => {
    expect(codeOf(() => objectFrom(answer))).toBe('internal');
    expect(codeOf(() => objectFrom(answer, true))).toBe('outcome-unknown');
  });

  it('takes only a list for a list: an empty answer is no empty list', () => {
    expect(arrayFrom([1])).toEqual([1]);
    for (const answer of [{}, null, '']) expect(codeOf(() => arrayFrom(answer))).toBe('internal');
  });

  it('takes texts out of an object, all of them or none', () => {
    const answer = { id: 'z1', name: '', size: 3 };
    expect(textsFrom(answer, ['id', 'name'])).toEqual({ id: 'z1', name: '' });
    expect(codeOf(() => textsFrom(answer, ['id', 'size']))).toBe('internal');
    expect(codeOf(() => textsFrom(answer, ['id', 'owner'], true))).toBe('outcome-unknown');
  });

  it('takes a refusal apart when it is JSON, and finds nothing in a page of something in between', () => {
    expect(errorBodyFrom('{"error":"no such zone"}')).toEqual({ error: 'no such zone' });
    for (const text of ['<html></html>', '', '[]', 'null', '{"error":']) expect(errorBodyFrom(text)).toEqual({});
  });

  it('takes a member that may be missing for what it says, or for nothing', () => {
    expect(['a', 7, '', null, {}].map(textOf)).toEqual(['a', '7', undefined, undefined, undefined]);
  });
});
