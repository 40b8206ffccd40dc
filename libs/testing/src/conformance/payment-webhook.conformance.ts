import { expect } from '@jest/globals';
import type { PaymentEvent } from '@keelson/core';
import { failureOf } from './failures.js';
import { guard, type PaymentCase, type RawWebhook } from './payment-environment.js';

const kinds = ['checkout', 'subscription', 'invoice', 'payment', 'refund', 'dispute'] as const;
const about: PaymentEvent['subject'] = { kind: 'invoice', id: 'in_1' };

/** Verified webhooks. */
export const paymentWebhookCases: readonly PaymentCase[] = [
  {
    name: 'reads a signed webhook about each kind of object',
    run: async (environment) => {
      const payment = guard(environment);
      for (const kind of kinds) {
        const subject = { kind, id: `${kind}_42` };
        const { body, headers } = environment.vendor.webhook(subject, new Date());
        const event = await payment.parseWebhook(body, headers);
        expect(event.subject).toEqual(subject);
        expect(event.id).not.toBe('');
        expect(event.type).not.toBe('');
        expect(Math.abs(event.createdAt.getTime() - Date.now())).toBeLessThan(600_000);
        expect(event.live).toBe(false);
      }
    },
  },
  {
    name: 'reads the same webhook twice as the same event, and two webhooks as two',
    run: async (environment) => {
      const payment = guard(environment);
      const first = environment.vendor.webhook(about, new Date());
      const second = environment.vendor.webhook(about, new Date());
      const ids = await Promise.all([first, first, second].map((one) => payment.parseWebhook(one.body, one.headers)));
      expect(ids[0]?.id).toBe(ids[1]?.id);
      expect(ids[2]?.id).not.toBe(ids[0]?.id);
    },
  },
  {
    name: 'gives no subject to events that Keelson does not act on',
    run: async (environment) => {
      const { body, headers } = environment.vendor.webhook(undefined, new Date());
      const event = await guard(environment).parseWebhook(body, headers);
      expect(event.id).not.toBe('');
      expect(event.subject).toBeUndefined();
    },
  },
  {
    name: 'accepts a webhook that is almost 300 s old, or almost 300 s ahead of our clock',
    run: async (environment) => {
      for (const ageSeconds of [290, -290]) {
        const { body, headers } = environment.vendor.webhook(about, secondsAgo(ageSeconds));
        expect((await guard(environment).parseWebhook(body, headers)).subject).toEqual(about);
      }
    },
  },
  {
    name: 'refuses a webhook older than 300 s',
    run: (environment) => refused(environment, environment.vendor.webhook(about, secondsAgo(302))),
  },
  {
    name: 'refuses a webhook from more than 300 s in the future',
    run: (environment) => refused(environment, environment.vendor.webhook(about, secondsAgo(-302))),
  },
  {
    name: 'refuses a webhook signed with another secret',
    run: async (environment) => {
      const { body, headers } = environment.vendor.webhook(about, new Date());
      const stranger = guard(environment, environment.withWrongCredentials);
      expect(await failureOf(() => stranger.parseWebhook(body, headers))).toMatchObject({ code: 'invalid-input' });
    },
  },
  {
    name: 'refuses a webhook without a signature, or with one that cannot be read',
    run: async (environment) => {
      const { body, headers } = environment.vendor.webhook(about, new Date());
      const names = Object.keys(headers);
      for (const value of [undefined, '', 'x', '=', ',', 't=1', 'v1=00', '\u{1F600}']) {
        const broken = Object.fromEntries(names.flatMap((name) => (value === undefined ? [] : [[name, value]])));
        await refused(environment, { body, headers: broken });
      }
    },
  },
  {
    name: 'refuses a body that differs from the signed one by a byte, or is the same JSON written anew',
    run: async (environment) => {
      const { body, headers } = environment.vendor.webhook(about, new Date());
      const text = Buffer.from(body).toString('utf8');
      const rewritten = JSON.stringify(JSON.parse(text));
      expect(rewritten).not.toBe(text);
      const bodies = [
        rewritten,
        `${text}\n`,
        `\uFEFF${text}`,
        text.replace('in_1', 'in_2'),
        text.slice(0, -1),
        '',
        '{}',
      ];
      for (const other of bodies) await refused(environment, { body: Buffer.from(other), headers });
    },
  },
  {
    name: 'says the same about every webhook that it refuses',
    run: async (environment) => {
      const payment = guard(environment);
      const good = environment.vendor.webhook(about, new Date());
      const old = environment.vendor.webhook(about, secondsAgo(3600));
      const flawed = [old, { ...good, headers: {} }, { ...good, body: Buffer.from('{}') }];
      const messages = new Set<string>();
      for (const { body, headers } of flawed) {
        const failure = await failureOf(() => payment.parseWebhook(body, headers));
        messages.add(failure.message);
        expect(failure.details.vendor).toBeUndefined();
      }
      expect(messages.size).toBe(1);
    },
  },
];

async function refused(environment: Parameters<PaymentCase['run']>[0], { body, headers }: RawWebhook): Promise<void> {
  const failure = await failureOf(() => guard(environment).parseWebhook(body, headers));
  expect(failure).toMatchObject({ code: 'invalid-input' });
}

function secondsAgo(seconds: number): Date {
  return new Date(Date.now() - seconds * 1000);
}
