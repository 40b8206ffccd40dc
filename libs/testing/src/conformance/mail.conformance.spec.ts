import { describe, expect, it } from '@jest/globals';
import { PortError, type MailMessage, type MailPort, type MailReceipt } from '@keelson/core';
import { MemoryMailAdapter } from '../memory/memory-mail.adapter.js';
import { failingCases } from './conformance-cases.js';
import { describeMailAdapter, mailCases, type DeliveredMail, type MailEnvironment } from './mail.conformance.js';

/** The memory adapter as an environment, or another adapter over the same memory. */
async function environmentOf(
  adapterOver: (memory: MemoryMailAdapter) => MailPort = (m) => m,
): Promise<MailEnvironment> {
  const memory = new MemoryMailAdapter();
  return {
    adapter: adapterOver(memory),
    withWrongCredentials: new MemoryMailAdapter({ refuses: 'credentials', shared: memory }),
    unreachable: new MemoryMailAdapter({ refuses: 'connection', shared: memory }),
    capabilities: [],
    server: {
      delivered: async () => memory.delivered.map(asDelivered),
      refuseForGood: (address) => void memory.faults.refused.add(address),
      deferOnce: (address) => void memory.faults.deferred.set(address, 1),
      breakOffOnce: (when) => (memory.faults.breakOff = when),
      slowDown: (milliseconds) => (memory.faults.delayMs = milliseconds),
    },
    secrets: ['no secret is ever given to a memory'],
    stop: async () => undefined,
  };
}

function asDelivered({ messageId, from, to, subject, text, html, headers }: MailMessage): DeliveredMail {
  const lowerCase = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    messageId,
    to: to.map(({ address }) => address),
    subject,
    text,
    ...(html === undefined ? {} : { html }),
    headers: { from: `${from.name} <${from.address}>`, ...Object.fromEntries(lowerCase) },
  };
}

/** An adapter that differs from the memory adapter in how it sends. */
function sending(send: (memory: MemoryMailAdapter, message: MailMessage) => Promise<MailReceipt>) {
  return (memory: MemoryMailAdapter): MailPort => ({
    testConnection: () => memory.testConnection(),
    sendMail: (message) => send(memory, message),
  });
}

describeMailAdapter('memory', () => environmentOf());

describe('the suite of the mail port catches', () => {
  const failing = (adapterOver: (memory: MemoryMailAdapter) => MailPort) =>
    failingCases(mailCases, () => environmentOf(adapterOver));

  it('an adapter with a method whose capability it does not declare', async () => {
    const lying = (memory: MemoryMailAdapter) =>
      Object.assign(sending((m, message) => m.sendMail(message))(memory), { findDkimRecord: async () => undefined });
    expect(await failing(lying)).toEqual(['has the methods of the capabilities it declares, and of no others']);
  });

  it('an adapter that makes up Message-IDs of its own', async () => {
    let count = 0;
    const forgetful = sending((memory, message) =>
      memory.sendMail({
        ...message,
        messageId: /[\s<>]/.test(message.messageId) ? message.messageId : `${++count}@example.com`,
      }),
    );
    expect(await failing(forgetful)).toEqual([
      'delivers subject, text and HTML under the Message-ID given, and says so in the receipt',
      'gives a repeated message the same Message-ID',
      'keeps messages sent at the same time apart',
    ]);
  });

  it('an adapter that takes a lost answer for "not sent"', async () => {
    const careless = sending(async (memory, message) => {
      try {
        return await memory.sendMail(message);
      } catch (thrown) {
        if (thrown instanceof PortError && thrown.code === 'outcome-unknown')
          throw new PortError('unavailable', 'failed');
        throw thrown;
      }
    });
    expect(await failing(careless)).toEqual([
      'reports outcome-unknown when the server took the message but its answer was lost',
    ]);
  });

  it('an adapter that cuts line breaks out of headers instead of refusing them', async () => {
    const cut = (text: string) => text.replace(/[\r\n]+/g, ' ');
    const lenient = sending((memory, message) => memory.sendMail({ ...message, subject: cut(message.subject) }));
    expect(await failing(lenient)).toEqual([
      'refuses line breaks in everything that becomes a header, and delivers nothing',
    ]);
  });

  it('an adapter that ignores the abort signal', async () => {
    const deaf = sending(async (memory, message) => {
      const { delayMs = 0 } = memory.faults;
      memory.faults.delayMs = 0;
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      return memory.sendMail(message);
    });
    expect(await failing(deaf)).toEqual(['stops at once when the caller gives up, even without the guard']);
  }, 20_000);
});
