import { describe, expect, it } from '@jest/globals';
import { manifestOf, secretsOf, settingsOf } from '@keelson/core';
import { validate } from 'class-validator';
import { CpanelWhmConfig, CpanelWhmPlugin } from '../src/index.js';

const valid = { url: 'https://srv1.example.com:2087', username: 'root', apiToken: 'ABCDEFGH12345678' };

async function wrongSettings(settings: object): Promise<string[]> {
  return (await validate(Object.assign(new CpanelWhmConfig(), settings))).map(({ property }) => property);
}

describe('the plugin', () => {
  it('offers a provisioner and a mailbox adapter', () => {
    expect(manifestOf(CpanelWhmPlugin)).toMatchObject({ id: 'cpanel-whm', settings: CpanelWhmConfig });
    expect(manifestOf(CpanelWhmPlugin)?.adapters.map(({ port }) => port)).toEqual(['provisioner', 'mailbox']);
  });

  it('describes every setting and marks the token as secret', () => {
    expect(settingsOf(CpanelWhmConfig).map(({ name }) => name)).toEqual([
      'url',
      'username',
      'apiToken',
      'defaultIp',
      'caPem',
      'acceptAnyCertificate',
    ]);
    expect(secretsOf(CpanelWhmConfig)).toEqual(['apiToken']);
  });

  it('accepts settings of a server and of a sandbox', async () => {
    expect(await wrongSettings(valid)).toEqual([]);
    expect(await wrongSettings({ ...valid, url: 'http://127.0.0.1:40123', defaultIp: '192.0.2.1' })).toEqual([]);
    expect(await wrongSettings({ ...valid, url: 'https://localhost:2087' })).toEqual([]);
  });

  it.each([
    [{ url: 'srv1.example.com' }, 'url'],
    [{ url: 'ftp://srv1.example.com' }, 'url'],
    [{ url: 'https://root:pw@srv1.example.com' }, 'url'],
    [{ username: 'root:x' }, 'username'],
    [{ apiToken: 'short' }, 'apiToken'],
    [{ apiToken: 'ABCDEFGH\r\nX-Evil: 1' }, 'apiToken'],
    [{ defaultIp: '300.1.1.1' }, 'defaultIp'],
  ])('refuses %j', async (change, property) => {
    expect(await wrongSettings({ ...valid, ...change })).toEqual([property]);
  });
});
