import { generateKeyPairSync } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import { describeMailAdapter, type DeliveredMail, type MailEnvironment } from '@keelson/testing';
import { systemClock } from '@keelson/core';
import { plainToInstance } from 'class-transformer';
import { SmtpAdapter, SmtpSettings } from '../src/index.js';
import { startSimulator, type ReceivedMessage } from '../simulator/index.js';

const login = { username: 'mailer', password: 'correct-horse-battery' };
const wrongPassword = 'wrong-horse-battery';
const dkimPrivateKey = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();

describeMailAdapter('smtp', async (): Promise<MailEnvironment> => {
  const simulator = await startSimulator({ login });
  const { faults } = simulator;
  const inbox = simulator.endpoints[0]?.url ?? '';
  const dkim = { dkimDomain: 'example.com', dkimSelector: 'keelson', dkimPrivateKey };
  const connect = (change: object) =>
    new SmtpAdapter(plainToInstance(SmtpSettings, { ...simulator.settings, ...dkim, ...change }), systemClock);
  return {
    adapter: connect({}),
    withWrongCredentials: connect({ password: wrongPassword }),
    unreachable: connect({ port: await closedPort() }),
    capabilities: ['dkim'],
    server: {
      delivered: async () =>
        (await (await fetch(`${inbox}/messages`)).json()) as ReceivedMessage[] satisfies DeliveredMail[],
      refuseForGood: (address) => faults.set({ kind: 'server-error', match: `RCPT TO ${address}` }),
      deferOnce: (address) => faults.set({ kind: 'unavailable', match: `RCPT TO ${address}`, times: 1 }),
      breakOffOnce: (when) =>
        faults.set(
          when === 'before'
            ? { kind: 'drop-before', match: 'MAIL FROM', times: 1 }
            : { kind: 'drop-after', match: 'DATA', times: 1 },
        ),
      slowDown: (value) => faults.set({ kind: 'latency', value }),
    },
    secrets: [login.password, wrongPassword, dkimPrivateKey.split('\n')[1] ?? dkimPrivateKey],
    stop: () => simulator.stop(),
  };
});

/** A port of loopback on which nothing listens. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
