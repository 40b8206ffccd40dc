import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { accountFrom, rowsFrom } from '../src/directadmin.mapper.js';

const fixture = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8')) as Record<string, unknown>;
const panelUrl = 'https://srv1.example.com:2222';

describe('the configuration of a user', () => {
  it('is an account', () => {
    expect(accountFrom(fixture('user-config'), panelUrl)).toEqual({
      remoteId: 'shop',
      username: 'shop',
      domain: 'shop.example',
      package: 'starter',
      email: 'owner@shop.example',
      state: 'active',
      suspendReason: undefined,
      ip: '192.0.2.40',
      nameservers: ['ns1.panel.example', 'ns2.panel.example'],
      panelUrl,
    });
  });

  it('tells of a suspension, and why where the server knows', () => {
    const config = { ...fixture('user-config'), suspended: 'yes', suspended_reason: 'abuse' };
    expect(accountFrom(config, panelUrl)).toMatchObject({ state: 'suspended', suspendReason: 'abuse' });
  });

  it('may lack what an account made by hand has none of', () => {
    const { username, domain, suspended } = fixture('user-config');
    expect(accountFrom({ username, domain, suspended }, panelUrl)).toMatchObject({ username: 'shop', nameservers: [] });
  });

  it.each([['username'], ['domain'], ['suspended']])('is not believed without its %s', (name) => {
    const config = { ...fixture('user-config'), [name]: undefined };
    expect(() => accountFrom(config, panelUrl)).toThrow(expect.objectContaining({ code: 'internal' }));
  });
});

describe('the list of users', () => {
  it('tells what each uses, and which domains it holds', () => {
    expect(rowsFrom(fixture('user-show'))).toEqual([
      {
        domains: ['shop.example', 'shop-addon.example'],
        usage: { username: 'shop', diskMb: 310.25, diskLimitMb: 1024, bandwidthMb: 52.4, bandwidthLimitMb: 10_240 },
      },
      {
        domains: ['agency.example'],
        usage: { username: 'agency', diskMb: 0, diskLimitMb: undefined, bandwidthMb: 0, bandwidthLimitMb: undefined },
      },
    ]);
  });

  it('may be empty', () => {
    expect(rowsFrom({ info: { rows: '0' } })).toEqual([]);
  });

  it.each([[[]], [null], [{ 0: null }], [{ 0: { username: 'shop' } }]])('is not believed as %j', (answer) => {
    expect(() => rowsFrom(answer)).toThrow(expect.objectContaining({ code: 'internal' }));
  });
});
