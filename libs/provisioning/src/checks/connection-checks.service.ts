import { ConnectionsService } from '@keelson/catalogue';
import { type Money, normalise, registrarPort } from '@keelson/core';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { VendorConnections } from '../reconcile/vendor-connections.service.js';

const everySeconds = 300;
/** Servers are asked more often: new accounts go to those that answer. */
const serverSeconds = 60;
const afterFailureSeconds = 30;
/** How long a worker may take for one connection before another one takes it over. */
const leaseSeconds = 120;
/** Connections asked at the same time, so that one that does not answer delays few. */
const atOnce = 8;
/** A server that gave no answer so often in a row is offline: it gets no new accounts until it answers again. */
const failuresUntilOffline = 3;

interface Turn {
  connectionId: string;
  turn: string;
}

/** Asks every connection, each by its own due time, whether it answers. Any number of workers may run it. */
@Injectable()
export class ConnectionChecks {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly connections: ConnectionsService,
    private readonly vendors: VendorConnections,
  ) {}

  /** Asks every connection that is due, some at a time, until none is. Returns how many were asked. After an outage each is asked once. */
  async checkDue(): Promise<number> {
    const ports = new Map((await this.vendors.list()).map((connection) => [connection.id, connection.ports]));
    await this.dataSource.query(
      'INSERT INTO connection_checks (connection_id) SELECT unnest($1::uuid[]) ON CONFLICT DO NOTHING',
      [[...ports.keys()]],
    );
    let asked = 0;
    for (;;) {
      const turns = await this.claim([...ports.keys()]);
      if (turns.length === 0) return asked;
      await Promise.all(turns.map((turn) => this.check(turn, ports.get(turn.connectionId) ?? [])));
      asked += turns.length;
    }
  }

  private async claim(ids: string[]): Promise<Turn[]> {
    const [turns] = await this.dataSource.query<[Turn[], number]>(
      `UPDATE connection_checks SET turn = turn + 1, due_at = clock_timestamp() + make_interval(secs => $2)
        WHERE connection_id IN (SELECT connection_id FROM connection_checks
                                 WHERE due_at <= clock_timestamp() AND connection_id = ANY ($3)
                                 ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED)
       RETURNING connection_id AS "connectionId", turn`,
      [atOnce, leaseSeconds, ids],
    );
    return turns;
  }

  private async check(turn: Turn, ports: readonly string[]): Promise<void> {
    const { ok, ports: answers } = await this.connections.test(turn.connectionId);
    const error = answers.find((answer) => !answer.ok)?.message ?? (ok ? undefined : 'It does not answer.');
    const balance = ok && ports.includes(registrarPort.id) ? await this.balance(turn.connectionId) : undefined;
    const seconds = ok ? (ports.includes('provisioner') ? serverSeconds : everySeconds) : afterFailureSeconds;
    await this.note(turn, seconds, error, balance);
  }

  /** Undefined when the registrar does not say now: what it said last stands. */
  private async balance(connectionId: string): Promise<Money | undefined> {
    try {
      return await (await this.connections.adapterFor(registrarPort, connectionId)).getBalance();
    } catch (thrown) {
      normalise(thrown);
      return undefined;
    }
  }

  /** Writes the outcome, and whether the server is online, unless another worker took the turn over. */
  private async note({ connectionId, turn }: Turn, seconds: number, error?: string, balance?: Money): Promise<void> {
    await this.dataSource.query(
      `WITH noted AS (
         UPDATE connection_checks
            SET due_at = clock_timestamp() + make_interval(secs => $3), checked_at = clock_timestamp(), error = $4,
                failures = CASE WHEN $4::text IS NULL THEN 0 ELSE failures + 1 END,
                failing_since = CASE WHEN $4::text IS NULL THEN NULL ELSE coalesce(failing_since, clock_timestamp()) END,
                balance_amount = coalesce($5::bigint, balance_amount), balance_currency = coalesce($6, balance_currency)
          WHERE connection_id = $1 AND turn = $2::bigint
         RETURNING connection_id, failures
       )
       UPDATE servers SET is_online = noted.failures < $7, checked_at = now(), updated_at = now()
         FROM noted
        WHERE servers.connection_id = noted.connection_id AND is_online <> (noted.failures < $7)
          AND (noted.failures = 0 OR noted.failures >= $7)`,
      [
        connectionId,
        turn,
        seconds,
        error?.slice(0, 300) ?? null,
        balance?.amount ?? null,
        balance?.currency ?? null,
        failuresUntilOffline,
      ],
    );
  }
}
