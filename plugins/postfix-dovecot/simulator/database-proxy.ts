import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault, FaultSwitches, Ledger } from '@keelson/testing/simulator';
import {
  fatalError,
  ProtocolMessages,
  sqlStateOf,
  statementOf,
  tagOf,
  type ProtocolMessage,
} from './protocol-messages.js';

export interface DatabaseProxyOptions {
  /** Where the database is. */
  target: { host: string; port: number };
  /** 0: a free one. */
  port: number;
  ledger: Ledger;
  faults: FaultSwitches;
  /** Milliseconds that every statement takes which changes something. */
  latencyMs: number;
}

export interface DatabaseProxy {
  port: number;
  stop(): Promise<void>;
}

/**
 * Stands between the adapter and a real PostgreSQL: writes each statement to the ledger and misbehaves when told to.
 *
 * Knows the faults `latency`, `drop-before`, `drop-after`, `unavailable`, `server-error` and `exhausted` (a full disk); those of HTTP pass without effect. An
 * operation is called by its verb and table, such as `INSERT mail_boxes`.
 */
export async function startDatabaseProxy(options: DatabaseProxyOptions): Promise<DatabaseProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const database = connect(options.target);
    for (const socket of [client, database]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        database.destroy();
      });
    }
    relay(client, database, options);
  });
  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** With what a session ends instead of a statement, by fault. */
const endings: Readonly<Record<string, [sqlState: string, text: string]>> = {
  unavailable: ['57P03', 'the database system is shutting down'],
  'server-error': ['XX000', 'internal error'],
  exhausted: ['53100', 'could not extend file: No space left on device'],
};

/** A statement on its way. */
interface Statement {
  operation: string;
  arrivedAt: number;
  fault?: Fault;
  outcome: string;
}

function relay(client: Socket, database: Socket, { ledger, faults, latencyMs }: DatabaseProxyOptions): void {
  const requests = new ProtocolMessages(true);
  const answers = new ProtocolMessages(false);
  let statement: Statement | undefined;
  let forwarded = Promise.resolve();

  const record = (done: Statement, outcome = done.outcome) => {
    const changed = !done.operation.startsWith('SELECT') && /[1-9]\d*$/.test(done.outcome);
    const tookMs = performance.now() - done.arrivedAt;
    ledger.add({ at: Date.now(), operation: done.operation, tookMs, outcome, changed });
  };
  const begin = async (operation: string): Promise<void> => {
    const fault = faults.take(operation);
    statement = { operation, arrivedAt: performance.now(), fault, outcome: '' };
    const usual = operation.startsWith('SELECT') ? 0 : latencyMs;
    const latency = fault?.kind === 'latency' ? (fault.value ?? 1_000) : usual;
    if (latency > 0) await sleep(latency, undefined, { ref: false });
    const [sqlState, text] = endings[fault?.kind ?? ''] ?? [];
    if (sqlState !== undefined) client.end(fatalError(sqlState, text ?? ''));
    if (fault?.kind === 'drop-before') client.destroy();
    if (fault !== undefined && (sqlState !== undefined || fault.kind === 'drop-before')) {
      record(statement, fault.kind);
      statement = undefined;
      database.destroy();
    }
  };
  const answer = (message: ProtocolMessage) => {
    if (statement !== undefined) {
      if (message.type === 'C') statement.outcome = tagOf(message);
      if (message.type === 'E') statement.outcome = sqlStateOf(message);
      if (statement.fault?.kind === 'drop-after') {
        // Ready for query: the statement is committed.
        if (message.type !== 'Z') return;
        record(statement, 'dropped');
        client.destroy();
        return;
      }
      if (message.type === 'Z') {
        record(statement);
        statement = undefined;
      }
    }
    client.write(message.bytes);
  };

  client.on('data', (chunk) => {
    for (const message of requests.push(chunk)) {
      forwarded = forwarded.then(async () => {
        const sql = statementOf(message);
        if (sql !== undefined) await begin(operationOf(sql));
        // No encryption here.
        if (message.type === 'SSLRequest') client.write('N');
        else if (!database.destroyed) database.write(message.bytes);
      });
    }
  });
  database.on('data', (chunk) => {
    for (const message of answers.push(chunk)) answer(message);
  });
}

/** The first change in a statement, or what it reads. */
function operationOf(sql: string): string {
  const [, insert, remove, update] =
    /INSERT INTO (\w+)|DELETE FROM (\w+)|(?<!DO )UPDATE (mail_\w+)/.exec(sql.replace(/\s+/g, ' ')) ?? [];
  if (insert !== undefined) return `INSERT ${insert}`;
  if (remove !== undefined) return `DELETE ${remove}`;
  if (update !== undefined) return `UPDATE ${update}`;
  return `SELECT ${/FROM (mail_(?!usage)\w+)/.exec(sql)?.[1] ?? ''}`.trim();
}
