import { describe, expect, it } from '@jest/globals';
import { InvalidIdError, fromPublicId, newId, toPublicId } from './ids.js';

describe('ids', () => {
  it('makes keys that sort by the time they were made', () => {
    const ids = Array.from({ length: 1_000 }, newId);
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(1_000);
    expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('shows a key as the TypeID specification does and reads it back', () => {
    const id = '01890a5d-ac96-774b-bcce-b302099a8057';
    expect(toPublicId('prefix', id)).toBe('prefix_01h455vb4pex5vsknk084sn02q');
    expect(fromPublicId('prefix', 'prefix_01h455vb4pex5vsknk084sn02q')).toBe(id);
  });

  it('accepts a bare UUID in either case', () => {
    expect(fromPublicId('cust', '01890A5D-AC96-774B-BCCE-B302099A8057')).toBe('01890a5d-ac96-774b-bcce-b302099a8057');
  });

  it.each([
    '',
    'cust_',
    'sub_01h455vb4pex5vsknk084sn02q',
    '01h455vb4pex5vsknk084sn02q',
    'cust_01h455vb4pex5vsknk084sn02',
    'cust_01h455vb4pex5vsknk084sn02Q',
    'cust_8zzzzzzzzzzzzzzzzzzzzzzzzz',
    `cust_01h455vb4pex5vsknk084sn02q' OR 1=1`,
    '01890a5d-ac96-774b-bcce',
    '42',
  ])('refuses %j as the id of a customer', (text) => {
    expect(() => fromPublicId('cust', text)).toThrow(InvalidIdError);
  });
});
