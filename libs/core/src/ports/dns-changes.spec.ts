import { describe, expect, it } from '@jest/globals';
import { changedRecordSets, recordKey, withRecordSets } from './dns-changes.js';
import type { RecordSet, RecordType } from './dns.port.js';

const set = (name: string, type: RecordType, ...values: string[]): RecordSet => ({ name, type, ttl: 300, values });
const held = [set('www.example.com', 'A', '192.0.2.1', '192.0.2.2'), set('example.com', 'MX', '10 mx.example.com')];

describe('the change of a zone', () => {
  it('is nothing when it holds everything that is wanted, in whatever order', () => {
    expect(changedRecordSets(held, [set('www.example.com', 'A', '192.0.2.2', '192.0.2.1')])).toEqual([]);
    expect(changedRecordSets(held, [])).toEqual([]);
  });

  it('is the sets that differ or are new, and leaves the rest where it is', () => {
    const moved = set('www.example.com', 'A', '192.0.2.9');
    const added = set('ftp.example.com', 'CNAME', 'www.example.com');
    const changed = changedRecordSets(held, [moved, added, held[1] as RecordSet]);
    expect(changed).toEqual([moved, added]);
    expect(withRecordSets(held, changed)).toEqual([moved, held[1], added]);
  });

  it('has no CNAME beside another set of its name, be that held or wanted', () => {
    const alias = set('www.example.com', 'CNAME', 'example.net');
    expect(() => changedRecordSets(held, [alias])).toThrow(expect.objectContaining({ code: 'wrong-state' }));
    expect(() => changedRecordSets([alias], [set('www.example.com', 'TXT', 'hello')])).toThrow(
      expect.objectContaining({ code: 'wrong-state' }),
    );
  });

  it('of a zone whose own sets conflict already is not refused when it changes nothing', () => {
    const odd = [set('www.example.com', 'CNAME', 'example.net'), set('www.example.com', 'TXT', 'hello')];
    expect(changedRecordSets(odd, odd)).toEqual([]);
  });

  it('tells sets by name and type', () => {
    expect(recordKey(held[0] as RecordSet)).toBe('www.example.com A');
  });
});
