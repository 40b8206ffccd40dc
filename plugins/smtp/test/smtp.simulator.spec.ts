import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '@keelson/core';
import type { Simulator } from '@keelson/testing/simulator';
import { plainToInstance } from 'class-transformer';
import { startSimulator, type ReceivedMessage } from '../simulator/index.js';
import { SmtpAdapter, SmtpSettings } from '../src/index.js';

const hostile = {
  messageId: 'step-1@example.com',
  from: { name: '<script>alert(1)</script>', address: 'sales@example.com' },
  to: [{ address: 'ann@example.net' }],
  subject: '"><img src=x onerror=alert(1)>',
  text: '</pre><script>alert(2)</script>',
  html: '<script>alert(3)</script><p>Hello</p>',
};

describe('the sandbox mail server', () => {
  let simulator: Simulator;
  let home: string;

  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), 'keelson-smtp-'));
    simulator = await startSimulator({ home });
  });

  afterEach(async () => {
    await simulator.stop();
    rmSync(home, { recursive: true });
  });

  const url = (path: string) => `${simulator.endpoints[0]?.url}${path}`;
  const messages = async (query = '') => (await (await fetch(url(`/messages${query}`))).json()) as ReceivedMessage[];
  const send = (change: object = {}) =>
    new SmtpAdapter(plainToInstance(SmtpSettings, simulator.settings), systemClock).sendMail({ ...hostile, ...change });

  it('lists what it took, by recipient too, and forgets it on request', async () => {
    await send();
    await send({ messageId: 'step-2@example.com', to: [{ address: 'Bob@example.net' }] });
    expect(await messages()).toHaveLength(2);
    const [mail] = await messages('?to=bob@example.net');
    expect(mail).toMatchObject({
      id: '2',
      messageId: 'step-2@example.com',
      from: 'sales@example.com',
      to: ['Bob@example.net'],
    });
    expect(await (await fetch(url('/messages/2'))).json()).toEqual(mail);
    expect((await fetch(url('/messages/9'))).status).toBe(404);
    expect((await fetch(url('/messages'), { method: 'DELETE' })).status).toBe(204);
    expect(await messages()).toEqual([]);
  });

  it('shows mail to people without running anything in it', async () => {
    await send();
    for (const path of ['/', '/mail/1']) {
      const answer = await fetch(url(path));
      const page = await answer.text();
      expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(page).not.toMatch(/<script|<img/);
      expect(page).toContain('&#34;&#62;&#60;img src=x onerror=alert(1)&#62;');
    }
    const part = await fetch(url('/mail/1/html'));
    expect(await part.text()).toContain('<p>Hello</p>');
    expect(part.headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'/);
    expect((await fetch(url('/mail/9'))).status).toBe(404);
    expect((await fetch(url('/mail/9/html'))).status).toBe(404);
  });

  it('remembers its mail after a restart', async () => {
    await send();
    const before = await messages();
    await simulator.stop();
    simulator = await startSimulator({ home });
    expect(await messages()).toEqual(before);
    await send();
    expect((await messages()).map(({ id }) => id)).toEqual(['1', '2']);
  });

  it('takes the port given for the inbox and the next one for SMTP', async () => {
    await simulator.stop();
    // Below those that the system gives away by itself, to whatever runs beside this test.
    const port = 20_000 + 2 * (process.pid % 5_000);
    simulator = await startSimulator({ home, port });
    expect(simulator.endpoints).toEqual([
      { name: 'inbox', url: `http://127.0.0.1:${port}` },
      { name: 'smtp', url: `smtp://127.0.0.1:${port + 1}` },
    ]);
  });

  it('keeps a ledger of every command, with what changed', async () => {
    await send();
    expect(
      simulator.ledger.entries().map(({ operation, outcome, changed }) => ({ operation, outcome, changed })),
    ).toEqual([
      { operation: 'CONNECT', outcome: '250', changed: false },
      { operation: 'MAIL FROM', outcome: '250', changed: false },
      { operation: 'RCPT TO', outcome: '250', changed: false },
      { operation: 'DATA', outcome: '250', changed: true },
    ]);
  });

  it('refuses a message of more than 10 MB and keeps nothing of it', async () => {
    const text = `${'x'.repeat(70)}\n`.repeat(160_000);
    await expect(send({ text })).rejects.toMatchObject({ code: 'invalid-input' });
    expect(await messages()).toEqual([]);
  });
});
