import { describe, expect, it } from '@jest/globals';
import { canonicalRecordSets } from '@keelson/core';
import { zoneRecords } from './zone-records.js';

const readable = (zone: string, target: Parameters<typeof zoneRecords>[1]) =>
  zoneRecords(zone, target).map(({ name, type, values }) => `${name} ${type} ${values.join(', ')}`);

describe('the records of a hosted zone', () => {
  it('point site and mail at the server', () => {
    expect(readable('shop.example', { ip: '192.0.2.20' })).toEqual([
      'shop.example A 192.0.2.20',
      'www.shop.example CNAME shop.example',
      'mail.shop.example A 192.0.2.20',
      'shop.example MX 10 mail.shop.example',
      'shop.example TXT v=spf1 a mx ~all',
      '_dmarc.shop.example TXT v=DMARC1; p=none',
    ]);
  });

  it('use AAAA for an IPv6 address', () => {
    expect(readable('shop.example', { ip: '2001:db8::20' })[0]).toBe('shop.example AAAA 2001:db8::20');
  });

  it('leave mail to another host, without a name of its own', () => {
    const records = readable('shop.example', { ip: '192.0.2.20', mailHost: 'mx.keelson.test' });
    expect(records).toContain('shop.example MX 10 mx.keelson.test');
    expect(records.some((record) => record.startsWith('mail.'))).toBe(false);
  });

  it('hold only mail when there is no site, and nothing when there is neither', () => {
    expect(readable('shop.example', { mailHost: 'mx.keelson.test' })).toEqual([
      'shop.example MX 10 mx.keelson.test',
      'shop.example TXT v=spf1 mx ~all',
      '_dmarc.shop.example TXT v=DMARC1; p=none',
    ]);
    expect(readable('shop.example', {})).toEqual([]);
  });

  it('are accepted by the rules of the dns port', () => {
    const sets = zoneRecords('shop.example', { ip: '192.0.2.20' });
    expect(canonicalRecordSets('shop.example', sets)).toEqual(sets);
  });
});
