import { createHttpSimulator, type Simulator, type SimulatorOptions } from '@keelson/testing/simulator';
import { addInboxRoutes } from './inbox-site.js';
import { Inbox } from './inbox.js';
import { startMailServer, type MailServerOptions } from './mail-server.js';

export type SmtpSimulatorOptions = SimulatorOptions & Pick<MailServerOptions, 'login' | 'tls'>;

/**
 * A mail server on loopback with a web inbox. With `port`, the inbox listens on it and SMTP on the next one.
 *
 * Faults hit SMTP: `match` sees `CONNECT`, `AUTH <user>`, `MAIL FROM <address>`, `RCPT TO <address>` and `DATA <addresses>`.
 * `unavailable` and `rate-limit` answer 4yz, `server-error` answers 5yz, `drop-before` cuts the connection, `drop-after` at
 * `DATA` keeps the message and cuts the connection instead of answering, `latency` waits, `exhausted` lacks the room for a message. The
 * other kinds do nothing here.
 */
export async function startSimulator(options: SmtpSimulatorOptions = {}): Promise<Simulator> {
  const { port, home, latencyMs, badDay, login, tls } = options;
  const http = createHttpSimulator({ port, badDay, exempt: () => true });
  const inbox = new Inbox(home);
  addInboxRoutes(http.app, inbox);
  const { ledger, faults } = http;
  const smtpPort = port === undefined || port === 0 ? 0 : port + 1;
  const server = await startMailServer({ inbox, ledger, faults, port: smtpPort, latencyMs, login, tls });
  try {
    const url = await http.listen();
    return {
      plugin: 'smtp',
      endpoints: [
        { name: 'inbox', url },
        { name: 'smtp', url: `smtp://127.0.0.1:${server.port}` },
      ],
      settings: {
        host: '127.0.0.1',
        port: server.port,
        security: tls === undefined ? 'none' : tls.implicit === true ? 'tls' : 'starttls',
        ...(tls === undefined ? {} : { caPem: tls.cert, servername: 'localhost' }),
        ...login,
      },
      ledger,
      faults,
      stop: async () => {
        await server.stop();
        await http.stop();
      },
    };
  } catch (failure) {
    await server.stop();
    throw failure;
  }
}
