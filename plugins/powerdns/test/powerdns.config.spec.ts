import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { manifestOf, secretsOf, settingsOf } from '@keelson/core';
import { validateSync } from 'class-validator';
import { PowerDnsPlugin, PowerDnsSettings } from '../src/index.js';

const good = { url: 'http://127.0.0.1:8081', apiKey: 'key' };

function problems(settings: Record<string, unknown>): string[] {
  return validateSync(Object.assign(new PowerDnsSettings(), settings)).map(({ property }) => property);
}

describe('settings of powerdns', () => {
  it.each([
    {},
    { url: 'https://ns1.example.net/pdns' },
    { url: 'http://localhost:8081' },
    { url: 'http://[::1]:8081' },
    { zoneKind: 'Master' },
  ])('take %j', (settings) => {
    expect(problems({ ...good, ...settings })).toEqual([]);
  });

  it.each([
    ['url', 'ns1.example.net'],
    ['url', 'ftp://ns1.example.net'],
    ['url', 'http://user:pass@ns1.example.net'],
    ['url', 'http://ns1.example.net/?api-key=x'],
    ['apiKey', ''],
    ['apiKey', 'two\r\nlines'],
    ['serverId', '../other'],
    ['zoneKind', 'native'],
  ])('refuse %s %j', (name, value) => {
    expect(problems({ ...good, [name]: value })).toEqual([name]);
  });

  it('are all described, and the key is secret', () => {
    expect(settingsOf(PowerDnsSettings).map(({ name }) => name)).toEqual(['url', 'apiKey', 'serverId', 'zoneKind']);
    expect(secretsOf(PowerDnsSettings)).toEqual(['apiKey']);
  });

  it('belong to a plugin that offers the dns port', () => {
    expect(manifestOf(PowerDnsPlugin)).toMatchObject({
      id: 'powerdns',
      adapters: [{ port: 'dns', portVersion: 1, capabilities: ['zone-listing', 'dnssec', 'export', 'notify'] }],
    });
  });
});
