import { describe, expect, it } from '@jest/globals';
import { IsBoolean, IsInt, IsOptional, IsString, Matches, Max, MinLength } from 'class-validator';
import { Setting } from '../plugins/setting.decorator.js';
import { validateSettings } from './connection-settings.js';

class Base {
  @Setting({ description: 'Base URL.' })
  @IsString()
  url!: string;
}

class Example extends Base {
  @Setting({ description: 'Port.' })
  @IsOptional()
  @IsInt()
  @Max(65_535)
  port: number = 443;

  @Setting({ description: 'Encrypted?' })
  @IsOptional()
  @IsBoolean()
  secure: boolean = true;

  @Setting({ description: 'Key.', secret: true })
  @IsString()
  @MinLength(8)
  @Matches(/^key-/, { message: '$value does not begin with key-' })
  apiKey!: string;
}

const good = { url: 'https://a.example', apiKey: 'key-123456' };

describe('validateSettings', () => {
  it('returns an instance with the defaults of the class', () => {
    const checked = validateSettings(Example, good);
    expect(checked).toEqual({ ok: true, settings: { ...good, port: 443, secure: true } });
    expect(checked.ok && checked.settings).toBeInstanceOf(Example);
  });

  it('turns texts from variables into the declared types', () => {
    const checked = validateSettings(Example, { ...good, url: 12, port: '8443', secure: 'FALSE' });
    expect(checked).toMatchObject({ ok: true, settings: { url: '12', port: 8443, secure: false } });
  });

  it('keeps a text of digits a text where a text is declared', () => {
    expect(validateSettings(Example, { ...good, url: '0012' })).toMatchObject({ ok: true, settings: { url: '0012' } });
  });

  it('treats empty texts and null as absent', () => {
    expect(validateSettings(Example, { ...good, port: '', secure: null })).toMatchObject({
      settings: { port: 443, secure: true },
    });
    const missing = validateSettings(Example, { url: '', apiKey: good.apiKey });
    expect(missing).toEqual({ ok: false, problems: [{ setting: 'url', message: 'is missing: set it (Base URL.)' }] });
  });

  it('names every problem with its setting', () => {
    const checked = validateSettings(Example, { url: 'x', port: '99999', secure: 'perhaps', apiKey: 'key-123456' });
    const settings = checked.ok ? [] : checked.problems.map((problem) => problem.setting);
    expect(settings).toEqual(['port', 'secure']);
  });

  it('refuses unknown settings, also those that would reach into the prototype', () => {
    const checked = validateSettings(
      Example,
      JSON.parse('{"url":"x","apiKey":"key-123456","__proto__":{"a":1},"colour":1}'),
    );
    expect(checked).toEqual({
      ok: false,
      problems: [
        { setting: '__proto__', message: 'is not a setting; known: port, secure, apiKey, url' },
        { setting: 'colour', message: 'is not a setting; known: port, secure, apiKey, url' },
      ],
    });
  });

  it('never repeats a secret, not even when a rule quotes it', () => {
    const checked = validateSettings(Example, { ...good, apiKey: 'hunter2hunter2' });
    expect(checked).toEqual({ ok: false, problems: [{ setting: 'apiKey', message: '*** does not begin with key-' }] });
  });

  it.each([undefined, null, 'text', 5, [good]])('refuses %j as settings', (raw) => {
    expect(validateSettings(Example, raw)).toMatchObject({ ok: false });
  });
});
