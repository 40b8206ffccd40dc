import {
  type AccountUsage,
  type AdapterOf,
  type Clock,
  clockToken,
  normalise,
  PortError,
  provisionerPort,
  supports,
  unlessAbsent,
} from '@keelson/core';
import { Service, ServiceNotFoundError, ServiceUsages } from '@keelson/hosting';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { OrderPorts } from '../engine/order-ports.js';
import { bindingOf, loadHostingOrder } from '../recipes/hosting-order.js';
import { refuseWithoutAccount, usernameOf } from './service-account.js';

const everySeconds = 6 * 3_600;
const afterFailureSeconds = 15 * 60;
/** How long a worker may take for one connection before another one takes it over. */
const leaseSeconds = 10 * 60;
/** Connections asked at the same time, so that one that does not answer delays no other. */
const atOnce = 4;
/** Accounts asked in one turn where the vendor tells only of one at a time. */
const singleAccounts = 200;

interface Turn {
  connectionId: string;
  turn: string;
}

/** Asks every server, each by its own due time, what its accounts use. Any number of workers may run it. */
@Injectable()
export class UsageCollector {
  private readonly logger = new Logger(UsageCollector.name);

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly ports: OrderPorts,
    private readonly usages: ServiceUsages,
    @Inject(clockToken) private readonly clock: Clock,
  ) {}

  /** Asks every connection that is due, a few at a time, until none is. Returns how many answered. After an outage each is asked once. */
  async collectDue(): Promise<number> {
    await this.dataSource.query(
      'INSERT INTO usage_collections (connection_id) SELECT DISTINCT connection_id FROM servers ON CONFLICT DO NOTHING',
    );
    let answered = 0;
    for (;;) {
      const turns = await this.claim();
      if (turns.length === 0) return answered;
      const outcomes = await Promise.all(turns.map((turn) => this.collect(turn)));
      answered += outcomes.filter(Boolean).length;
    }
  }

  /**
   * Asks the panel about one service now, beside the schedule, and keeps what it says as a measurement of the day.
   * @throws ServiceNotFoundError
   * @throws OperationRefusedError when the service has no account
   * @throws PortError `unsupported` when the panel tells no usage; `not-found` when it knows no such account; whatever else the panel says
   */
  async measure(serviceId: string): Promise<void> {
    const { manager } = this.dataSource;
    if (!(await manager.existsBy(Service, { id: serviceId }))) throw new ServiceNotFoundError();
    const order = await loadHostingOrder(manager, { serviceId });
    refuseWithoutAccount(order.service);
    const username = usernameOf(order);
    const bound = await this.ports.find(provisionerPort, bindingOf(order));
    if (bound === undefined) throw new PortError('unsupported', 'No panel is bound that could be asked.');
    const usage = await usageOf(bound.adapter, username);
    await this.usages.store(bound.connectionId, [usage], this.clock.now());
  }

  private async claim(): Promise<Turn[]> {
    const [turns] = await this.dataSource.query<[Turn[], number]>(
      `UPDATE usage_collections SET turn = turn + 1, due_at = now() + make_interval(secs => $2)
        WHERE connection_id IN (SELECT connection_id FROM usage_collections WHERE due_at <= now()
                                 ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED)
       RETURNING connection_id AS "connectionId", turn`,
      [atOnce, leaseSeconds],
    );
    return turns;
  }

  private async collect(turn: Turn): Promise<boolean> {
    try {
      const usages = await this.ask(turn.connectionId);
      const services =
        usages === undefined ? null : await this.usages.store(turn.connectionId, usages, this.clock.now());
      await this.finish(turn, everySeconds, services, null);
      return usages !== undefined;
    } catch (thrown) {
      const error = normalise(thrown).message;
      this.logger.warn(
        `usage on the connection ${turn.connectionId} was not told, next in ${afterFailureSeconds} s: ${error}`,
      );
      await this.finish(turn, afterFailureSeconds, null, error);
      return false;
    }
  }

  /** Usage of the accounts on the connection; undefined when the vendor tells none. */
  private async ask(connectionId: string): Promise<AccountUsage[] | undefined> {
    const bound = await this.ports.find(provisionerPort, {
      productId: '',
      productType: '',
      serverConnectionId: connectionId,
    });
    if (bound === undefined) return undefined;
    const { adapter } = bound;
    if (supports(adapter, provisionerPort, 'bulk-usage')) return adapter.listUsage();
    if (!supports(adapter, provisionerPort, 'usage')) return undefined;
    const told: AccountUsage[] = [];
    for (const username of await this.usages.leastRecent(connectionId, singleAccounts)) {
      const usage = await unlessAbsent(adapter.getUsage(username));
      if (usage !== undefined) told.push({ ...usage, username });
    }
    return told;
  }

  /** Writes the outcome, unless another worker took the turn over. */
  private async finish(
    { connectionId, turn }: Turn,
    seconds: number,
    services: number | null,
    error: string | null,
  ): Promise<void> {
    await this.dataSource.query(
      `UPDATE usage_collections SET due_at = now() + make_interval(secs => $3), services = coalesce($4, services), error = $5,
              collected_at = CASE WHEN $5::text IS NULL THEN now() ELSE collected_at END
        WHERE connection_id = $1 AND turn = $2::bigint`,
      [connectionId, turn, seconds, services, error],
    );
  }
}

async function usageOf(adapter: AdapterOf<typeof provisionerPort>, username: string): Promise<AccountUsage> {
  if (supports(adapter, provisionerPort, 'usage')) return { ...(await adapter.getUsage(username)), username };
  if (!supports(adapter, provisionerPort, 'bulk-usage'))
    throw new PortError('unsupported', 'The panel of the service does not tell what its accounts use.');
  const usage = (await adapter.listUsage()).find((one) => one.username === username);
  if (usage === undefined) throw new PortError('not-found', 'The panel tells nothing of an account of that name.');
  return usage;
}
