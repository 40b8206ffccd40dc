import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { SimulatorOptions } from '@keelson/testing/simulator';
import { startSimulator, type NameSiloSimulator } from '../simulator/index.js';
import { parseReply, textOf } from '../src/namesilo-reply.js';

const dayMs = 24 * 3_600_000;
const running: NameSiloSimulator[] = [];

afterEach(async () => {
  for (const one of running.splice(0)) await one.stop();
});

async function start(options?: SimulatorOptions): Promise<NameSiloSimulator> {
  const simulator = await startSimulator(options);
  running.push(simulator);
  return simulator;
}

const person = {
  fn: 'Ann',
  ln: 'Lee',
  ad: 'Weg 1',
  cy: 'Berlin',
  zp: '10115',
  ct: 'DE',
  em: 'a@b.example',
  ph: '49301',
};
const order = { domain: 'demo.com', years: '1', ns1: 'ns1.a.example', ns2: 'ns2.a.example', ...person };

async function ask(
  simulator: NameSiloSimulator,
  operation: string,
  args: Record<string, string> = {},
  folder = 'apibatch',
) {
  const base = { version: '1', type: 'xml', key: String(simulator.settings.apiKey) };
  const query = new URLSearchParams({ ...base, ...args });
  const answer = await fetch(`${String(simulator.settings.baseUrl)}/${folder}/${operation}?${query.toString()}`);
  expect(answer.status).toBe(200);
  return parseReply(await answer.text());
}

describe('the API', () => {
  it('answers the same below both addresses, and refuses malformed requests with their codes', async () => {
    const simulator = await start();
    expect((await ask(simulator, 'getAccountBalance', {}, 'api')).code).toBe(300);
    const refused: [string, Record<string, string>, number][] = [
      ['getAccountBalance', { version: '2' }, 103],
      ['getAccountBalance', { type: 'json' }, 105],
      ['getAccountBalance', { key: '' }, 109],
      ['getAccountBalance', { key: 'somebody-elses' }, 110],
      ['constructor', {}, 107],
      ['getDomainInfo', {}, 108],
      ['getDomainInfo', { domain: 'demo.com' }, 200],
      ['registerDomain', { ...order, domain: 'd#mo.com' }, 114],
      ['registerDomain', { ...order, domain: 'demo.museum' }, 267],
      ['registerDomain', { ...order, domain: 'taken.com' }, 261],
      ['registerDomain', { ...order, years: '11' }, 263],
      ['transferDomain', { ...order, auth: 'x' }, 265],
      ['checkTransferStatus', { domain: 'demo.com' }, 266],
    ];
    for (const [operation, args, code] of refused) {
      expect([operation, args, (await ask(simulator, operation, args)).code]).toEqual([operation, args, code]);
    }
    expect(simulator.orders()).toEqual([]);
  });

  it('charges the account, and refuses what it does not cover', async () => {
    const simulator = await start();
    simulator.setBalance(2_000);
    const bought = await ask(simulator, 'registerDomain', order);
    expect([bought.code, textOf(bought.body, 'order_amount')]).toEqual([300, '11.29']);
    expect(textOf((await ask(simulator, 'getAccountBalance')).body, 'balance')).toBe('8.71');
    expect((await ask(simulator, 'renewDomain', { domain: 'demo.com', years: '1' })).code).toBe(119);
    expect((await ask(simulator, 'registerDomain', order)).code).toBe(262);
    expect(simulator.orders()).toEqual([{ operation: 'registerDomain', domain: 'demo.com', amount: 1129 }]);
  });

  it('writes amounts with a thousands comma, and any text as XML', async () => {
    const simulator = await start();
    simulator.setBalance(1_234_567_89);
    expect(textOf((await ask(simulator, 'getAccountBalance')).body, 'balance')).toBe('1,234,567.89');
    const { body } = await ask(simulator, 'contactAdd', { ...person, cp: '<Käse> & "Brot"' });
    const shown = await ask(simulator, 'contactList', { contact_id: textOf(body, 'contact_id') ?? '' });
    expect(shown.body.children.at(-1)?.children.find(({ name }) => name === 'company')?.text).toBe('<Käse> & "Brot"');
  });

  it('answers 400 to a request like one that is still at work', async () => {
    const simulator = await start({ latencyMs: 100 });
    const codes = (await Promise.all([1, 2].map(() => ask(simulator, 'registerDomain', order)))).map(
      ({ code }) => code,
    );
    expect(codes.sort()).toEqual([300, 400]);
    expect(simulator.orders()).toHaveLength(1);
  });

  it('keeps a ledger of every call, which holds no key', async () => {
    const simulator = await start();
    await ask(simulator, 'registerDomain', order);
    await ask(simulator, 'domainLock', { domain: 'demo.com' });
    await ask(simulator, 'domainLock', { domain: 'demo.com' });
    const entries = simulator.ledger.entries();
    expect(entries.map(({ operation, subject, changed }) => [operation, subject, changed])).toEqual([
      ['registerDomain', 'demo.com', true],
      ['domainLock', 'demo.com', true],
      ['domainLock', 'demo.com', false],
    ]);
    expect(JSON.stringify(entries)).not.toContain(String(simulator.settings.apiKey));
  });
});

describe('time', () => {
  it('lets domains run out, and takes them back in the end', async () => {
    const simulator = await start();
    await ask(simulator, 'registerDomain', order);
    const statusAfter = async (days: number) => {
      simulator.advance(days * dayMs);
      return textOf((await ask(simulator, 'getDomainInfo', { domain: 'demo.com' })).body, 'status');
    };
    expect(await statusAfter(360)).toBe('Active');
    expect(await statusAfter(10)).toBe('Expired (grace period)');
    expect((await ask(simulator, 'renewDomain', { domain: 'demo.com', years: '1' })).code).toBe(300);
    expect(await statusAfter(365 + 30)).toBe('Expired (restore period)');
    expect((await ask(simulator, 'renewDomain', { domain: 'demo.com', years: '1' })).code).toBe(261);
    expect(await statusAfter(30)).toBe('Expired (pending delete)');
    simulator.advance(30 * dayMs);
    expect((await ask(simulator, 'getDomainInfo', { domain: 'demo.com' })).code).toBe(200);
  });

  it('renews by itself what is set to renew', async () => {
    const simulator = await start();
    await ask(simulator, 'registerDomain', { ...order, auto_renew: '1' });
    simulator.advance(370 * dayMs);
    expect(simulator.orders().map(({ operation }) => operation)).toEqual(['registerDomain', 'autoRenew']);
    expect(textOf((await ask(simulator, 'getDomainInfo', { domain: 'demo.com' })).body, 'status')).toBe('Active');
  });

  it('brings transfers to their end: a wrong code fails within the hour, a right one takes five days', async () => {
    const simulator = await start();
    const status = async (name: string) =>
      textOf((await ask(simulator, 'checkTransferStatus', { domain: name })).body, 'status');
    await ask(simulator, 'transferDomain', { ...order, domain: 'taken-a.com', auth: 'auth-taken-a.com' });
    await ask(simulator, 'transferDomain', { ...order, domain: 'taken-b.com', auth: 'wrong' });
    expect(await status('taken-b.com')).toBe('Pending at Registry');
    simulator.advance(2 * 3_600_000);
    expect([await status('taken-a.com'), await status('taken-b.com')]).toEqual([
      'Pending at Registry',
      'Incorrect Authorization Code',
    ]);
    simulator.advance(5 * dayMs);
    expect(await status('taken-a.com')).toBe('Transfer Completed');
    expect(simulator.domain('taken-a.com')).toMatchObject({ locked: false });
    expect(simulator.domain('taken-b.com')).toBeUndefined();
  });
});

describe('the account', () => {
  it('survives a restart', async () => {
    const home = mkdtempSync(join(tmpdir(), 'keelson-registrar-'));
    try {
      const first = await start({ home });
      await ask(first, 'registerDomain', order);
      first.advance(dayMs);
      await running.pop()?.stop();
      const second = await start({ home });
      expect(second.settings.apiKey).toBe(first.settings.apiKey);
      expect(second.domain('demo.com')).toMatchObject({ nameservers: ['ns1.a.example', 'ns2.a.example'] });
      expect(second.now().getTime()).toBeGreaterThan(Date.now() + dayMs - 60_000);
    } finally {
      rmSync(home, { recursive: true });
    }
  });

  it('shows itself on a page, where a day can be let pass', async () => {
    const simulator = await start();
    await ask(simulator, 'registerDomain', order);
    const url = String(simulator.settings.baseUrl);
    const page = await (await fetch(url)).text();
    expect(page).toContain('demo.com');
    expect(page).not.toContain(String(simulator.settings.apiKey));
    const before = simulator.now().getTime();
    await fetch(`${url}/advance`, { method: 'POST', body: new URLSearchParams({ days: '1' }) });
    expect(simulator.now().getTime() - before).toBeGreaterThanOrEqual(dayMs);
    expect(simulator.ledger.entries()).toHaveLength(1);
  });
});
