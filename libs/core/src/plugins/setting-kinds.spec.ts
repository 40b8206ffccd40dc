import { describe, expect, it } from '@jest/globals';
import { validateSettings } from '../config/connection-settings.js';
import { TlsSettings, UrlSetting } from './setting-kinds.js';
import { settingsOf } from './setting.decorator.js';

class PanelSettings extends TlsSettings {
  @UrlSetting({ description: 'Address of the panel.', example: 'https://srv1.example.com:2222' })
  url!: string;
}

describe('settings that many servers have', () => {
  it('are listed after those of the class itself', () => {
    expect(settingsOf(PanelSettings).map(({ name }) => name)).toEqual(['url', 'caPem', 'acceptAnyCertificate']);
    expect(settingsOf(TlsSettings)).toHaveLength(2);
  });

  it('take an address with or without TLS, and become what their type says', () => {
    const settings = { url: 'http://localhost:2222', acceptAnyCertificate: 'true' };
    expect(validateSettings(PanelSettings, settings)).toMatchObject({
      ok: true,
      settings: { acceptAnyCertificate: true },
    });
    expect(validateSettings(PanelSettings, { ...settings, acceptAnyCertificate: 'perhaps' })).toMatchObject({
      ok: false,
      problems: [{ setting: 'acceptAnyCertificate' }],
    });
  });

  it.each([['srv1.example.com:2222'], ['https://admin:key@srv1.example.com:2222'], ['ftp://srv1.example.com']])(
    'refuse the address %s',
    (url) => {
      expect(validateSettings(PanelSettings, { url })).toMatchObject({ ok: false, problems: [{ setting: 'url' }] });
    },
  );
});
