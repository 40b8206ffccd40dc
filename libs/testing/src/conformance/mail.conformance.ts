import { inspect } from 'node:util';
import { expect } from '@jest/globals';
import {
  guardAdapter,
  isPortError,
  mailPort,
  runCall,
  supports,
  type AdapterOf,
  type CallRecord,
  type CapabilityOf,
  type MailMessage,
  type MailPort,
  type PortError,
} from '@keelson/core';
import { describeCases, type ConformanceCase, type StoppableEnvironment } from './conformance-cases.js';

/** A message as it lies at the server, decoded. */
export interface DeliveredMail {
  /** Without angle brackets. */
  messageId: string;
  /** Addresses it was delivered to. */
  to: string[];
  subject: string;
  text: string;
  html?: string;
  /** Decoded values by lower-case name. */
  headers: Record<string, string>;
}

/** The server behind the adapter, seen and steered from its own side. */
export interface MailServerControl {
  /** Everything delivered so far, in order. */
  delivered(): Promise<DeliveredMail[]>;
  /** Refuses a recipient from now on. */
  refuseForGood(address: string): void;
  /** Asks to come back for a recipient, once. */
  deferOnce(address: string): void;
  /** Breaks off the connection once: before it took the message, or after and instead of answering. */
  breakOffOnce(when: 'before' | 'after'): void;
  /** Takes this long over everything from now on. */
  slowDown(milliseconds: number): void;
}

export interface MailEnvironment extends StoppableEnvironment {
  /** As the plugin makes it, without the guard: the cases guard it themselves. */
  adapter: MailPort;
  /** The same with a wrong password. */
  withWrongCredentials: MailPort;
  /** The same with an address where nothing listens. */
  unreachable: MailPort;
  capabilities: readonly CapabilityOf<typeof mailPort>[];
  server: MailServerControl;
  /** Values that may appear in no error and no call record. */
  secrets: readonly string[];
}

const promptlyMs = 2_000;
const message: MailMessage = {
  messageId: 'step-1.welcome@example.com',
  from: { name: 'Sales', address: 'sales@example.com' },
  to: [{ name: 'Ann', address: 'ann@example.net' }],
  subject: 'Welcome',
  text: 'Hello Ann\n',
  html: '<p>Hello Ann</p>',
};
const two: MailMessage = { ...message, to: [{ address: 'ann@example.net' }, { address: 'bob@example.net' }] };
const injection = 'Welcome\r\nBcc: eve@example.org';

/** What holds for every adapter of the mail port. */
export const mailCases: readonly ConformanceCase<MailEnvironment>[] = [
  {
    name: 'accepts right credentials',
    run: async (environment) => {
      await guard(environment).testConnection();
    },
  },
  {
    name: 'reports wrong credentials as invalid-config, when testing and when sending',
    run: async (environment) => {
      const stranger = guard(environment, environment.withWrongCredentials);
      expect(await failureOf(() => stranger.testConnection())).toMatchObject({ code: 'invalid-config' });
      expect(await failureOf(() => stranger.sendMail(message))).toMatchObject({ code: 'invalid-config' });
      expect(await environment.server.delivered()).toEqual([]);
    },
  },
  {
    name: 'reports a server that cannot be reached as unavailable',
    run: async (environment) => {
      const lost = guard(environment, environment.unreachable);
      expect(await failureOf(() => lost.testConnection())).toMatchObject({ code: 'unavailable' });
      expect(await failureOf(() => lost.sendMail(message))).toMatchObject({ code: 'unavailable' });
    },
  },
  {
    name: 'delivers subject, text and HTML under the Message-ID given, and says so in the receipt',
    run: async (environment) => {
      const receipt = await guard(environment).sendMail({ ...message, headers: { 'X-Department': 'sales' } });
      expect(receipt).toMatchObject({ messageId: message.messageId, accepted: ['ann@example.net'], rejected: [] });
      expect(receipt.response).toMatch(/^250/);
      const [mail, ...others] = await environment.server.delivered();
      expect(others).toEqual([]);
      expect(mail).toMatchObject({ messageId: message.messageId, to: ['ann@example.net'], subject: 'Welcome' });
      expect(mail?.text.trim()).toBe('Hello Ann');
      expect(mail?.html?.trim()).toBe('<p>Hello Ann</p>');
      expect(mail?.headers).toMatchObject({ 'x-department': 'sales' });
      expect(mail?.headers.from).toMatch(/Sales.*<sales@example\.com>/);
    },
  },
  {
    name: 'delivers every character of names, subject and text unchanged',
    run: async (environment) => {
      const subject = 'Grüße, 東京 🚢 "quoted" <b>';
      const text = `Ünïcode and a long line: ${'ä'.repeat(2_000)}\n.\n..dots\nFrom here\n`;
      const from = { name: 'Müller, "Ann" & 東京', address: 'sales@example.com' };
      await guard(environment).sendMail({ ...message, from, subject, text });
      const [mail] = await environment.server.delivered();
      expect(mail?.subject).toBe(subject);
      expect(mail?.text.trim()).toBe(text.trim());
      expect(mail?.headers.from).toContain('Müller');
      expect(mail?.headers.from).toContain('東京');
    },
  },
  {
    name: 'delivers one message to every recipient',
    run: async (environment) => {
      const receipt = await guard(environment).sendMail(two);
      expect([...receipt.accepted].sort()).toEqual(['ann@example.net', 'bob@example.net']);
      const mails = await environment.server.delivered();
      expect(mails.flatMap(({ to }) => to).sort()).toEqual(['ann@example.net', 'bob@example.net']);
    },
  },
  {
    name: 'names the recipients refused for good beside the accepted ones',
    run: async (environment) => {
      environment.server.refuseForGood('bob@example.net');
      const receipt = await guard(environment).sendMail(two);
      expect(receipt).toMatchObject({ accepted: ['ann@example.net'], rejected: ['bob@example.net'] });
    },
  },
  {
    name: 'does not call a recipient refused whom the server only asked to come back for',
    run: async (environment) => {
      environment.server.deferOnce('bob@example.net');
      const receipt = await guard(environment).sendMail(two);
      expect(receipt).toMatchObject({ accepted: ['ann@example.net'], rejected: [] });
    },
  },
  {
    name: 'reports invalid-input when every recipient is refused for good',
    run: async (environment) => {
      environment.server.refuseForGood('ann@example.net');
      expect(await failureOf(() => guard(environment).sendMail(message))).toMatchObject({ code: 'invalid-input' });
      expect(await environment.server.delivered()).toEqual([]);
    },
  },
  {
    name: 'reports unavailable when the server asks to come back, and delivers at the repetition',
    run: async (environment) => {
      environment.server.deferOnce('ann@example.net');
      const mail = guard(environment);
      expect(await failureOf(() => mail.sendMail(message))).toMatchObject({ code: 'unavailable' });
      expect(await environment.server.delivered()).toEqual([]);
      await mail.sendMail(message);
      expect(await environment.server.delivered()).toHaveLength(1);
    },
  },
  {
    name: 'refuses line breaks in everything that becomes a header, and delivers nothing',
    run: async (environment) => {
      const broken: MailMessage[] = [
        { ...message, subject: injection },
        { ...message, subject: 'bare\nfeed' },
        { ...message, messageId: 'a@b\r\nBcc: eve@example.org' },
        { ...message, from: { name: injection, address: 'sales@example.com' } },
        { ...message, to: [{ name: injection, address: 'ann@example.net' }] },
        { ...message, to: [{ address: 'ann@example.net\r\nRCPT TO:<eve@example.org>' }] },
        { ...message, replyTo: { name: injection, address: 'sales@example.com' } },
        { ...message, headers: { 'X-Note': injection } },
        { ...message, headers: { 'X-Note: a\r\nBcc': 'eve@example.org' } },
      ];
      for (const one of broken) {
        expect(await failureOf(() => guard(environment).sendMail(one))).toMatchObject({ code: 'invalid-input' });
      }
      expect(await environment.server.delivered()).toEqual([]);
    },
  },
  {
    name: 'refuses a message without a recipient and addresses that are none',
    run: async (environment) => {
      for (const to of [[], [{ address: 'ann' }], [{ address: 'ann@example.net, eve@example.org' }]]) {
        expect(await failureOf(() => guard(environment).sendMail({ ...message, to }))).toMatchObject({
          code: 'invalid-input',
        });
      }
      expect(await environment.server.delivered()).toEqual([]);
    },
  },
  {
    name: 'gives a repeated message the same Message-ID',
    run: async (environment) => {
      await guard(environment).sendMail(message);
      await guard(environment).sendMail(message);
      const ids = (await environment.server.delivered()).map(({ messageId }) => messageId);
      expect(ids).toEqual([message.messageId, message.messageId]);
    },
  },
  {
    name: 'reports outcome-unknown when the server took the message but its answer was lost',
    run: async (environment) => {
      environment.server.breakOffOnce('after');
      expect(await failureOf(() => guard(environment).sendMail(message))).toMatchObject({ code: 'outcome-unknown' });
      expect(await environment.server.delivered()).toHaveLength(1);
    },
  },
  {
    name: 'reports unavailable when the connection broke before the message left, and delivers at the repetition',
    run: async (environment) => {
      environment.server.breakOffOnce('before');
      const mail = guard(environment);
      expect(await failureOf(() => mail.sendMail(message))).toMatchObject({ code: 'unavailable' });
      expect(await environment.server.delivered()).toEqual([]);
      await mail.sendMail(message);
      expect(await environment.server.delivered()).toHaveLength(1);
    },
  },
  {
    name: 'keeps messages sent at the same time apart',
    run: async (environment) => {
      const mail = guard(environment);
      const numbers = Array.from({ length: 20 }, (_, number) => number);
      await Promise.all(
        numbers.map((number) =>
          mail.sendMail({
            ...message,
            messageId: `parallel-${number}@example.com`,
            to: [{ address: `user-${number}@example.net` }],
            subject: `Message ${number}`,
            text: `number ${number}`,
          }),
        ),
      );
      const seen = (await environment.server.delivered()).map(({ messageId, to, subject, text }) =>
        [messageId, ...to, subject, text.trim()].join(' '),
      );
      const expected = numbers.map((n) => `parallel-${n}@example.com user-${n}@example.net Message ${n} number ${n}`);
      expect(seen.sort()).toEqual(expected.sort());
    },
  },
  {
    name: 'stops at once when the caller gives up, even without the guard',
    run: async (environment) => {
      environment.server.slowDown(2 * promptlyMs);
      const cancel = new AbortController();
      const started = performance.now();
      const pending = failureOf(() => runCall({ signal: cancel.signal }, () => environment.adapter.sendMail(message)));
      setTimeout(() => cancel.abort(), 100);
      const failure = await pending;
      expect(performance.now() - started).toBeLessThan(promptlyMs);
      expect(['unavailable', 'outcome-unknown']).toContain(failure.code);
    },
  },
  {
    name: 'has the methods of the capabilities it declares, and of no others',
    run: async (environment) => {
      const declared = new Set<string>(environment.capabilities);
      const methods = environment.adapter as unknown as Record<string, unknown>;
      for (const [capability, names] of Object.entries(mailPort.capabilities)) {
        for (const name of names) {
          expect({ name, present: typeof methods[name] === 'function' }).toEqual({
            name,
            present: declared.has(capability),
          });
        }
      }
    },
  },
  {
    name: 'names the DNS record of its signatures, when it signs',
    run: async (environment) => {
      const mail = guard(environment);
      if (!supports(mail, mailPort, 'dkim')) return;
      const record = await mail.findDkimRecord();
      if (record === undefined) return;
      const [, selector, domain] = /^([a-z0-9-]+)\._domainkey\.(.+)$/.exec(record.name) ?? [];
      expect(record.value).toMatch(/^v=DKIM1; k=rsa; p=[A-Za-z0-9+/]+=*$/);
      await mail.sendMail(message);
      const signature = (await environment.server.delivered())[0]?.headers['dkim-signature'];
      expect(signature).toContain(`s=${selector};`);
      expect(signature).toContain(`d=${domain};`);
    },
  },
  {
    name: 'shows no secret in errors and call records, whatever fails',
    run: async (environment) => {
      const records: CallRecord[] = [];
      const record = (one: CallRecord) => void records.push(one);
      environment.server.refuseForGood('ann@example.net');
      const failures = [
        await failureOf(() => guard(environment, environment.adapter, record).sendMail(message)),
        await failureOf(() => guard(environment, environment.withWrongCredentials, record).testConnection()),
        await failureOf(() => guard(environment, environment.unreachable, record).sendMail(message)),
      ];
      expect(records).toHaveLength(3);
      const shown = inspect([failures, records], { depth: 12, showHidden: true, maxStringLength: null });
      for (const secret of environment.secrets) expect(shown.includes(secret)).toBe(false);
    },
  },
];

/**
 * Registers all cases for one adapter of the mail port.
 * @param start a fresh server and adapters, for each case anew
 */
export function describeMailAdapter(title: string, start: () => Promise<MailEnvironment>): void {
  describeCases(`${title}: mail port`, mailCases, start);
}

function guard(
  { adapter, capabilities }: MailEnvironment,
  guarded: MailPort = adapter,
  record?: (call: CallRecord) => void,
): AdapterOf<typeof mailPort> {
  return guardAdapter(guarded, { connection: 'under test', port: mailPort, capabilities, record });
}

async function failureOf(work: () => Promise<unknown>): Promise<PortError> {
  let result: unknown;
  try {
    result = await work();
  } catch (thrown) {
    if (isPortError(thrown)) return thrown;
    throw thrown;
  }
  throw new Error(`expected a PortError, but the call answered ${inspect(result)}`);
}
