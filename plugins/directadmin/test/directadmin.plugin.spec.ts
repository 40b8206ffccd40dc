import { describe, expect, it } from '@jest/globals';
import { validateSettings } from '@keelson/core';
import { DirectAdminSettings } from '../src/index.js';

const right = { url: 'https://srv1.example.com:2222', username: 'admin', loginKey: 'a-login-key', ip: '192.0.2.10' };

describe('the settings of a connection', () => {
  it('are an address, a user, its login key and an IPv4 address', () => {
    expect(validateSettings(DirectAdminSettings, right)).toMatchObject({ ok: true });
  });

  it.each([
    ['url', 'srv1.example.com:2222'],
    ['username', 'admin|demo'],
    ['loginKey', 'two words'],
    ['loginKey', 'short'],
    ['ip', '2001:db8::1'],
    ['ip', 'shared'],
  ])('have no %s like "%s", and the refusal does not repeat it', (setting, value) => {
    const checked = validateSettings(DirectAdminSettings, { ...right, [setting]: value });
    expect(checked).toMatchObject({ ok: false, problems: [{ setting }] });
    expect(JSON.stringify(checked)).not.toContain(value);
  });
});
