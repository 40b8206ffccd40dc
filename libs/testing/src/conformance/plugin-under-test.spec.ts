import { describe, expect, it } from '@jest/globals';
import { adapterFor, mailPort, Plugin, Setting, UrlSetting, type MailPort } from '@keelson/core';
import { Matches } from 'class-validator';
import { pluginUnderTest } from './plugin-under-test.js';

class PostSettings {
  @UrlSetting({ description: 'Address of the server.' })
  url = 'http://127.0.0.1:9';

  @Setting({ description: 'Token of an account.', secret: true })
  @Matches(/^[a-z]+-\d+$/)
  token!: string;
}

class PostAdapter implements MailPort {
  constructor(readonly settings: PostSettings) {}

  async testConnection(): Promise<void> {}

  async sendMail(): Promise<never> {
    throw new Error('not of this spec');
  }
}

@Plugin({
  id: 'post',
  title: 'Post',
  version: '0.1.0',
  settings: PostSettings,
  adapters: [
    adapterFor(mailPort, { portVersion: 1, settings: PostSettings, create: (settings) => new PostAdapter(settings) }),
  ],
})
class PostPlugin {}

describe('a plugin under test', () => {
  const { adapterWith, capabilities, secretsIn, withWrongSecrets } = pluginUnderTest(PostPlugin, mailPort);
  const settings = { token: 'xyz-1290' };

  it('makes adapters as its manifest says, with defaults for what is not given', () => {
    const adapter = adapterWith(settings) as MailPort & { settings: PostSettings };
    expect(adapter.settings).toEqual({ url: 'http://127.0.0.1:9', token: 'xyz-1290' });
    expect(adapter.settings).toBeInstanceOf(PostSettings);
    expect(capabilities).toEqual([]);
  });

  it('has wrong secrets that look like right ones, and leaves the rest as it is', () => {
    expect(withWrongSecrets({ ...settings, url: 'http://127.0.0.1:1' })).toEqual({
      url: 'http://127.0.0.1:1',
      token: 'yza-2301',
    });
    expect(secretsIn(settings)).toEqual(['xyz-1290', 'yza-2301']);
  });

  it('is no class without a manifest, and none that does not speak the port', () => {
    expect(() => pluginUnderTest(PostAdapter, mailPort)).toThrow(/no class with @Plugin whose adapters speak mail/);
  });
});
