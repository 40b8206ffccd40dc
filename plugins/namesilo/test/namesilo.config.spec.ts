import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { manifestOf, secretsOf, settingsOf, validateSettings } from '@keelson/core';
import { NameSiloPlugin, NameSiloSettings } from '../src/index.js';

const good = { apiKey: '0123456789abcdef' };

function problems(settings: Record<string, unknown>): string[] {
  const checked = validateSettings(NameSiloSettings, { ...good, ...settings });
  return checked.ok ? [] : checked.problems.map(({ setting }) => setting);
}

describe('settings of namesilo', () => {
  it.each([
    {},
    { baseUrl: 'https://ote.namesilo.com' },
    { baseUrl: 'http://127.0.0.1:2290' },
    { batch: false },
    { batch: 'false' },
    { paymentId: '123456' },
    { paymentId: 123456 },
  ])('take %j', (settings) => {
    expect(problems(settings)).toEqual([]);
  });

  it.each([
    ['apiKey', 'short'],
    ['apiKey', 'two words of it'],
    ['apiKey', 'key&domain=other.com'],
    ['baseUrl', 'www.namesilo.com'],
    ['baseUrl', 'https://www.namesilo.com/api?key=x'],
    ['baseUrl', 'https://user:pass@www.namesilo.com'],
    ['batch', 'sometimes'],
    ['paymentId', 'visa'],
    ['payment', '1'],
  ])('refuse %s %j', (name, value) => {
    expect(problems({ [name]: value })).toEqual([name]);
  });

  it('need only the key: automation goes to the batch API of the live system', () => {
    const checked = validateSettings(NameSiloSettings, good);
    expect(checked).toMatchObject({ ok: true, settings: { baseUrl: 'https://www.namesilo.com', batch: true } });
    expect(problems({ apiKey: undefined })).toEqual(['apiKey']);
  });

  it('are all described, and the key is secret', () => {
    expect(settingsOf(NameSiloSettings).map(({ name }) => name)).toEqual(['apiKey', 'baseUrl', 'batch', 'paymentId']);
    expect(secretsOf(NameSiloSettings)).toEqual(['apiKey']);
  });

  it('belong to a plugin that offers the registrar port', () => {
    expect(manifestOf(NameSiloPlugin)).toMatchObject({
      id: 'namesilo',
      adapters: [
        { port: 'registrar', portVersion: 1, capabilities: ['auth-code', 'dnssec', 'glue-records', 'price-list'] },
      ],
    });
  });
});
