import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { manifestOf, secretsOf, settingsOf } from '@keelson/core';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { StripePlugin, StripeSettings } from '../src/index.js';

const right = { secretKey: 'sk_test_4eC39HqLyjWDarjtT1zdp7dc', webhookSecret: 'whsec_0123456789abcdef0123456789' };

/** Names of the settings that are refused. */
function refused(settings: object): string[] {
  const options = { whitelist: true, forbidNonWhitelisted: true };
  return validateSync(plainToInstance(StripeSettings, { ...right, ...settings }), options).map(
    ({ property }) => property,
  );
}

describe('the settings of a Stripe account', () => {
  it('accept keys of both modes and kinds', () => {
    for (const secretKey of ['sk_test_abc', 'sk_live_abc', 'rk_test_abc', 'rk_live_abc']) {
      expect(refused({ secretKey })).toEqual([]);
    }
  });

  it('refuse a key that is public, empty or has blanks', () => {
    for (const secretKey of ['pk_live_abc', '', 'sk_test_', ' sk_test_abc', 'sk_test_a b', undefined, 42]) {
      expect(refused({ secretKey })).toEqual(['secretKey']);
    }
  });

  it('refuse a webhook secret that is empty, blank, short or has blanks', () => {
    for (const secret of [
      '',
      ' '.repeat(30),
      'whsec_short',
      'whsec_0123456789 abcdef0123456789',
      'whsec_0123456789abcdef0123456789\n',
    ]) {
      expect(refused({ webhookSecret: secret })).toEqual(['webhookSecret']);
      expect(refused({ previousWebhookSecret: secret })).toEqual(['previousWebhookSecret']);
    }
  });

  it('name the setting and what it has to be', () => {
    const [error] = validateSync(plainToInstance(StripeSettings, { ...right, webhookSecret: 'short' }));
    expect(Object.values(error?.constraints ?? {})).toEqual([
      'webhookSecret must be the signing secret of the webhook endpoint: 24 characters or more, no blanks',
    ]);
  });

  it('take the address of a sandbox, and no other kind of address', () => {
    expect(refused({ apiBase: 'http://127.0.0.1:2290' })).toEqual([]);
    for (const apiBase of ['127.0.0.1:2290', 'ftp://127.0.0.1', 'http://user:secret@127.0.0.1', '']) {
      expect(refused({ apiBase })).toEqual(['apiBase']);
    }
  });

  it('mark every secret, and describe every setting', () => {
    expect(secretsOf(StripeSettings)).toEqual(['secretKey', 'webhookSecret', 'previousWebhookSecret']);
    expect(settingsOf(StripeSettings).every(({ description }) => description.length > 20)).toBe(true);
  });
});

describe('the plugin', () => {
  it('offers the payment port with disputes', () => {
    expect(manifestOf(StripePlugin)).toMatchObject({
      id: 'stripe',
      adapters: [{ port: 'payment', portVersion: 1, capabilities: ['disputes'] }],
    });
  });
});
