import { describe, expect, it } from '@jest/globals';
import { manifestOf, secretsOf, settingsOf, validateSettings } from '@keelson/core';
import { NextPanelConfig, NextPanelPlugin } from '../src/index.js';

const valid = { url: 'https://panel1.example.com:9000', apiKey: 'npk_abcdef', apiSecret: 'nps_abcdef' };

function wrongSettings(change: object): string[] {
  const checked = validateSettings(NextPanelConfig, { ...valid, ...change });
  return checked.ok ? [] : checked.problems.map(({ setting }) => setting);
}

describe('the plugin', () => {
  it('offers a provisioner adapter', () => {
    expect(manifestOf(NextPanelPlugin)).toMatchObject({ id: 'nextpanel', settings: NextPanelConfig });
    expect(manifestOf(NextPanelPlugin)?.adapters.map(({ port }) => port)).toEqual(['provisioner']);
  });

  it('describes every setting and marks both halves of the key as secret', () => {
    const names = ['url', 'apiKey', 'apiSecret', 'packages', 'ip', 'caPem', 'acceptAnyCertificate'];
    expect(settingsOf(NextPanelConfig).map(({ name }) => name)).toEqual(names);
    expect(secretsOf(NextPanelConfig)).toEqual(['apiKey', 'apiSecret']);
  });

  it.each([
    [{}],
    [{ url: 'http://127.0.0.1:3000/' }],
    [{ packages: 'starter=1' }],
    [{ packages: ' big plan = gold , b=2 ', ip: '192.0.2.1' }],
  ])('accepts %j', (change) => {
    expect(wrongSettings(change)).toEqual([]);
  });

  it.each([
    [{ url: 'panel1.example.com' }, 'url'],
    [{ url: 'https://me:pw@panel1.example.com' }, 'url'],
    [{ apiKey: 'npk abc' }, 'apiKey'],
    [{ apiSecret: 'nps_abc\r\nX-Evil: 1' }, 'apiSecret'],
    [{ packages: 'starter' }, 'packages'],
    [{ packages: 'starter=1,' }, 'packages'],
    [{ ip: '300.1.1.1' }, 'ip'],
  ])('refuses %j', (change, property) => {
    expect(wrongSettings(change)).toEqual([property]);
  });
});
