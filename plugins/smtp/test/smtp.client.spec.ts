import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { systemClock, type MailMessage, type PortErrorCode } from '@keelson/core';
import type { Simulator } from '@keelson/testing/simulator';
import { plainToInstance } from 'class-transformer';
import { startSimulator, type SmtpSimulatorOptions } from '../simulator/index.js';
import { SmtpAdapter, SmtpSettings } from '../src/index.js';

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}.pem`, import.meta.url), 'utf8');
const certificate = { key: fixture('localhost-key'), cert: fixture('localhost-cert') };
const message: MailMessage = {
  messageId: 'step-1@example.com',
  from: { address: 'sales@example.com' },
  to: [{ address: 'ann@example.net' }],
  subject: 'Welcome',
  text: 'Hello',
};
const stops: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function simulated(options: SmtpSimulatorOptions = {}): Promise<Simulator> {
  const simulator = await startSimulator(options);
  stops.push(() => simulator.stop());
  return simulator;
}

const adapter = (settings: object) => new SmtpAdapter(plainToInstance(SmtpSettings, settings), systemClock);
const fails = (code: PortErrorCode): unknown => expect.objectContaining({ name: 'PortError', code });

/** A server that says what it is told: each reply answers one line of the client; after the last one it hangs up. */
async function scripted(replies: string[], hangUpAfterBytes = 0): Promise<object> {
  const server = createServer((socket: Socket) => {
    const rest = [...replies];
    let data = 0;
    socket.on('error', () => undefined);
    socket.write('220 scripted\r\n');
    socket.on('data', (chunk: Buffer) => {
      if (rest.length === 0) {
        data += chunk.length;
        if (data > hangUpAfterBytes) socket.destroy();
        return;
      }
      for (const _line of chunk.toString().trimEnd().split('\r\n')) {
        const reply = rest.shift();
        if (reply !== undefined) socket.write(`${reply}\r\n`);
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  stops.push(async () => server.close());
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port, security: 'none' };
}

describe('encryption', () => {
  it('is used for starttls and tls when the authority is known', async () => {
    for (const implicit of [false, true]) {
      const { settings, ledger } = await simulated({ tls: { ...certificate, implicit } });
      await adapter(settings).testConnection();
      await adapter(settings).sendMail(message);
      expect(ledger.entries('DATA')).toHaveLength(1);
    }
  });

  it('is never given up: a server that cannot do it is reported as invalid-config', async () => {
    const { settings, ledger } = await simulated();
    for (const security of ['starttls', 'tls']) {
      await expect(adapter({ ...settings, security }).testConnection()).rejects.toEqual(fails('invalid-config'));
      await expect(adapter({ ...settings, security }).sendMail(message)).rejects.toEqual(fails('invalid-config'));
    }
    expect(ledger.entries('MAIL FROM')).toEqual([]);
  });

  it('refuses certificates of unknown authorities and of other names', async () => {
    for (const implicit of [false, true]) {
      const { settings } = await simulated({ tls: { ...certificate, implicit } });
      const { caPem: _caPem, ...withoutAuthority } = settings;
      await expect(adapter(withoutAuthority).testConnection()).rejects.toEqual(fails('invalid-config'));
      await expect(adapter({ ...settings, servername: 'other.example' }).testConnection()).rejects.toEqual(
        fails('invalid-config'),
      );
    }
  });
});

describe('login', () => {
  it('is demanded by the server: without one, sending is invalid-config', async () => {
    const { settings } = await simulated({ login: { username: 'mailer', password: 'secret' } });
    const { username: _username, password: _password, ...anonymous } = settings;
    await expect(adapter(anonymous).sendMail(message)).rejects.toEqual(fails('invalid-config'));
  });

  it('is demanded by us: a server that offers none is invalid-config, and gets no mail', async () => {
    const { settings, ledger } = await simulated();
    const withLogin = adapter({ ...settings, username: 'mailer', password: 'secret' });
    await expect(withLogin.testConnection()).rejects.toEqual(fails('invalid-config'));
    await expect(withLogin.sendMail(message)).rejects.toEqual(fails('invalid-config'));
    expect(ledger.entries('MAIL FROM')).toEqual([]);
  });

  it('that the server cannot judge at the moment is unavailable', async () => {
    const { settings, faults } = await simulated({ login: { username: 'mailer', password: 'secret' } });
    faults.set({ kind: 'unavailable', match: 'AUTH', times: 1 });
    await expect(adapter(settings).testConnection()).rejects.toEqual(fails('unavailable'));
  });
});

describe('connections', () => {
  it('are reused', async () => {
    const { settings, ledger } = await simulated();
    const mail = adapter(settings);
    await mail.sendMail(message);
    await sleep(20);
    await mail.sendMail(message);
    expect(ledger.entries('CONNECT')).toHaveLength(1);
  });

  it('that the server closed while idle cost no message', async () => {
    const { settings, ledger, faults } = await simulated();
    const mail = adapter(settings);
    await mail.sendMail(message);
    await sleep(20);
    faults.set({ kind: 'drop-before', match: 'MAIL FROM', times: 1 });
    await mail.sendMail(message);
    expect(ledger.entries('DATA')).toHaveLength(2);
  });

  it('refused at the door for now are unavailable', async () => {
    const { settings, faults } = await simulated();
    faults.set({ kind: 'unavailable', match: 'CONNECT', times: 1 });
    await expect(adapter(settings).sendMail(message)).rejects.toEqual(fails('unavailable'));
  });
});

describe('the answer to a message', () => {
  const envelope = ['250 scripted', '250 ok', '250 ok', '354 go on'];

  it('decides: 4yz is unavailable, 5yz is invalid-input', async () => {
    const { settings, faults } = await simulated();
    faults.set({ kind: 'unavailable', match: 'DATA', times: 1 });
    await expect(adapter(settings).sendMail(message)).rejects.toEqual(fails('unavailable'));
    faults.set({ kind: 'server-error', match: 'DATA', times: 1 });
    await expect(adapter(settings).sendMail(message)).rejects.toEqual(fails('invalid-input'));
    faults.set({ kind: 'server-error', match: 'MAIL FROM', times: 1 });
    await expect(adapter(settings).sendMail(message)).rejects.toEqual(fails('invalid-input'));
  });

  it('lost while the message was still leaving is unavailable: the server cannot have taken half of it', async () => {
    const settings = await scripted(envelope);
    const long = { ...message, text: `${'x'.repeat(70)}\n`.repeat(200_000) };
    await expect(adapter(settings).sendMail(long)).rejects.toEqual(fails('unavailable'));
  });

  it('lost after the whole message is outcome-unknown', async () => {
    const settings = await scripted(envelope, 100);
    await expect(adapter(settings).sendMail(message)).rejects.toEqual(fails('outcome-unknown'));
  });

  it('keeps the status and the words of the server for operators, and shows customers neither', async () => {
    const settings = await scripted(['250 scripted', '250 ok', '550 5.1.1 <ann@example.net> no such user']);
    const failure: unknown = await adapter(settings)
      .sendMail(message)
      .catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({
      code: 'invalid-input',
      message: 'The mail server refused the message.',
      details: { vendor: { status: 550, message: '550 5.1.1 <ann@example.net> no such user' } },
    });
  });
});
