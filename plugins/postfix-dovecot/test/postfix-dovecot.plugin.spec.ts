import { describe, expect, it } from '@jest/globals';
import { manifestOf, secretsOf, settingsOf, validateSettings } from '@keelson/core';
import { PostfixDovecotConfig, PostfixDovecotPlugin } from '../src/index.js';

const valid = { databaseUrl: 'postgres://keelson_mail:p%40ss@mail1.example.com:5432/mail?sslmode=verify-full' };

function problems(change: object): { setting: string; message: string }[] {
  const checked = validateSettings(PostfixDovecotConfig, { ...valid, ...change });
  return checked.ok ? [] : checked.problems;
}

describe('the plugin', () => {
  it('offers a mailbox adapter', () => {
    expect(manifestOf(PostfixDovecotPlugin)).toMatchObject({ id: 'postfix-dovecot', settings: PostfixDovecotConfig });
    expect(manifestOf(PostfixDovecotPlugin)?.adapters.map(({ port }) => port)).toEqual(['mailbox']);
  });

  it('describes every setting and marks the address of the database as secret', () => {
    expect(settingsOf(PostfixDovecotConfig).map(({ name }) => name)).toEqual([
      'databaseUrl',
      'caPem',
      'defaultQuotaMb',
    ]);
    expect(secretsOf(PostfixDovecotConfig)).toEqual(['databaseUrl']);
  });

  it.each([[{}], [{ databaseUrl: 'postgresql://u@127.0.0.1/mail' }], [{ defaultQuotaMb: '1024' }]])(
    'accepts %j',
    (change) => {
      expect(problems(change)).toEqual([]);
    },
  );

  it.each([
    [{ databaseUrl: 'mysql://u:secret-word@h/mail' }, 'databaseUrl'],
    [{ databaseUrl: 'postgres://u:secret-word@h' }, 'databaseUrl'],
    [{ databaseUrl: 'postgres:///mail' }, 'databaseUrl'],
    [{ databaseUrl: 'secret-word' }, 'databaseUrl'],
    [{ defaultQuotaMb: 0 }, 'defaultQuotaMb'],
    [{ defaultQuotaMb: 1.5 }, 'defaultQuotaMb'],
  ])('refuses %j without repeating it', (change, setting) => {
    const found = problems(change);
    expect(new Set(found.map((problem) => problem.setting))).toEqual(new Set([setting]));
    expect(JSON.stringify(found)).not.toContain('secret-word');
  });
});
