import { defaultDriftConfig, type DriftConfig, normalise } from '@keelson/core';
import { inTransaction, newId } from '@keelson/database';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { allObservers } from './all-observers.js';
import { suspicionOf } from './brake.js';
import { NothingToObserveError, ObservationUnderWayError } from './drift.errors.js';
import { type RecordedFindings, recordFindings } from './finding-journal.js';
import {
  type ObservationClaim,
  observationLeaseSeconds,
  ObservationSchedule,
  type ObservationTarget,
} from './observation-schedule.service.js';
import { Observation } from './observation.entity.js';
import { type Area, areas, type Sighting } from './reconcile.types.js';
import { type VendorConnection, VendorConnections } from './vendor-connections.service.js';

/** `@Inject(driftConfigToken) config: DriftConfig` */
export const driftConfigToken = Symbol.for('keelson.provisioning.drift');

/** Minutes after which an observation that failed is tried again. */
const retryMinutes = 15;

/** Days that observations are kept. */
const keptDays = 90;

/** Connections that one process observes at a time. */
const parallel = 4;

export interface ObserveOptions {
  /** Name of a connection; absent: all. */
  connection?: string;
  areas?: readonly Area[];
  /** An administrator has seen that things really are gone: a list that is empty or has shrunk is believed. */
  acceptShrunk?: boolean;
}

/** An observation with the name of its connection. */
export type NamedObservation = Observation & { connection: string };

interface NamedTarget extends ObservationTarget {
  connection: string;
}

/**
 * Looks at what vendors really hold and keeps the differences as findings. It concludes nothing from a look that failed, ended
 * early, or is not to be believed; and it never changes a service: a missing account does not mean that it was terminated.
 */
@Injectable()
export class Reconciler {
  private readonly logger = new Logger(Reconciler.name);

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly vendors: VendorConnections,
    private readonly schedule: ObservationSchedule,
    @Inject(driftConfigToken) private readonly config: DriftConfig = defaultDriftConfig,
  ) {}

  /**
   * Observes now, due or not, one area after the other. Returns what came of each; a vendor's failure is in its observation.
   * @throws NothingToObserveError, ObservationUnderWayError when another process observes one of the connections
   */
  async observe(options: ObserveOptions = {}): Promise<NamedObservation[]> {
    const targets = (await this.targets()).filter(
      ({ connection, area }) =>
        (options.connection === undefined || connection === options.connection) &&
        (options.areas === undefined || options.areas.includes(area)),
    );
    if (targets.length === 0) {
      throw new NothingToObserveError(
        options.connection === undefined
          ? 'No enabled connection can be observed.'
          : `There is no enabled connection "${options.connection}" that can be observed so.`,
      );
    }
    await this.schedule.ensure(targets);
    const observations: NamedObservation[] = [];
    for (const target of targets) {
      const claim = await this.schedule.claim([target], { now: true });
      if (claim === undefined) throw new ObservationUnderWayError(target.connection);
      const observation = await this.observeClaimed(target, claim, options.acceptShrunk);
      observations.push({ ...observation, connection: target.connection });
    }
    return observations;
  }

  /** Observes everything that is due and that nobody else observes. Returns the ids of the connections. */
  async observeDue(): Promise<Set<string>> {
    const targets = await this.targets();
    await this.schedule.ensure(targets);
    const observed = new Set<string>();
    const work = async () => {
      for (;;) {
        const claim = await this.schedule.claim(targets);
        const target = targets.find((one) => one.connectionId === claim?.connectionId && one.area === claim.area);
        if (claim === undefined || target === undefined) return;
        try {
          await this.observeClaimed(target, claim);
          observed.add(target.connectionId);
        } catch (error) {
          if (!(error instanceof ObservationUnderWayError)) throw error;
          this.logger.warn(`another worker took over: ${error.message}`);
        }
      }
    };
    await Promise.all(Array.from({ length: parallel }, work));
    return observed;
  }

  /** The last observation of each connection and area. */
  latest(): Promise<NamedObservation[]> {
    return this.dataSource.query<NamedObservation[]>(
      `SELECT DISTINCT ON (c.name, o.area) o.id, o.connection_id AS "connectionId", c.name AS connection, o.area,
              o.started_at AS "startedAt", o.ended_at AS "endedAt", o.complete, o.suspicion, o.listed, o.believed,
              o.differences, o.error
         FROM observations o JOIN connections c ON c.id = o.connection_id
        ORDER BY c.name, o.area, o.ended_at DESC, o.id DESC`,
    );
  }

  private async targets(): Promise<NamedTarget[]> {
    const speaks = ({ ports }: VendorConnection, area: Area) => ports.includes(allObservers[area].port.id);
    return (await this.vendors.list()).flatMap((connection) =>
      areas
        .filter((area) => speaks(connection, area))
        .map((area) => ({ connectionId: connection.id, connection: connection.name, area })),
    );
  }

  private async observeClaimed(
    target: NamedTarget,
    claim: ObservationClaim,
    acceptShrunk = false,
  ): Promise<Observation> {
    const beat = setInterval(
      () => void this.schedule.renew(claim).catch(() => undefined),
      (observationLeaseSeconds * 1000) / 3,
    ).unref();
    try {
      let sighting: Sighting<unknown>;
      try {
        sighting = await this.look(target);
      } catch (thrown) {
        return await this.fail(target, claim, thrown);
      }
      return await this.conclude(target, claim, sighting, acceptShrunk);
    } finally {
      clearInterval(beat);
    }
  }

  private async look({ connectionId, area }: ObservationTarget): Promise<Sighting<unknown>> {
    const observer = allObservers[area];
    const beliefs = await observer.believe(this.dataSource.manager, connectionId);
    return observer.look(await this.vendors.adapterFor(observer.port, connectionId), beliefs);
  }

  private async fail(target: NamedTarget, claim: ObservationClaim, thrown: unknown): Promise<Observation> {
    const { code, message, details } = normalise(thrown);
    const error = `${code}: ${details.vendor?.message ?? message}`;
    this.logger.warn(`${target.area} of ${target.connection} could not be observed (${error}); nothing was concluded`);
    return inTransaction(this.dataSource, async (manager) => {
      await this.release(manager, target, claim, Math.min(retryMinutes, this.config.observeEveryMinutes));
      return this.store(manager, claim, { complete: false, error });
    });
  }

  private async conclude(
    target: NamedTarget,
    claim: ObservationClaim,
    { listed, seen }: Sighting<unknown>,
    acceptShrunk: boolean,
  ): Promise<Observation> {
    const { connection, connectionId, area } = target;
    const observer = allObservers[area];
    const { observation, recorded } = await inTransaction(this.dataSource, async (manager) => {
      const beliefs = await observer.believe(manager, connectionId);
      const differences = observer.compare(beliefs, seen, claim.startedAt);
      const believed = observer.count(beliefs);
      const missing = differences.filter(({ kind }) => kind.endsWith('.missing')).length;
      const lastListed = (await this.lastListed(manager, target)) ?? listed;
      const doubt = suspicionOf({ listed, believed, missing, lastListed }, this.config.brakePercent);
      const suspicion = acceptShrunk ? undefined : doubt;
      const wanted = differences.filter(({ kind }) => this.config.policy[kind] !== 'ignore');
      const recorded: RecordedFindings | undefined =
        suspicion === undefined
          ? await recordFindings(manager, target, wanted, {
              busy: await busyServices(manager, claim.startedAt),
              gapMinutes: this.config.confirmAfterMinutes,
            })
          : undefined;
      const soon = recorded === undefined || recorded.unsettled;
      const { observeEveryMinutes, confirmAfterMinutes } = this.config;
      const due = soon ? Math.min(confirmAfterMinutes, observeEveryMinutes) : observeEveryMinutes;
      await this.release(manager, target, claim, due);
      const counts = { listed, believed, differences: wanted.length, suspicion: suspicion ?? null };
      return { observation: await this.store(manager, claim, { complete: true, ...counts }), recorded };
    });
    const { suspicion, believed } = observation;
    if (suspicion !== null) {
      this.logger.warn(
        `the list of ${area} of ${connection} is ${suspicion} (${listed}, of ours there should be ${believed}); nothing was concluded`,
      );
    }
    const confirmed = recorded?.confirmed ?? [];
    if (confirmed.length > 0) this.logger.warn(`${area} of ${connection} differ: ${confirmed.join(', ')}`);
    return observation;
  }

  /** @throws ObservationUnderWayError when another process took over: then nothing is concluded */
  private async release(manager: EntityManager, { connection }: NamedTarget, claim: ObservationClaim, minutes: number) {
    if (await this.schedule.release(manager, claim, minutes)) return;
    throw new ObservationUnderWayError(connection);
  }

  /** How long the last list was that was believed. */
  private async lastListed(manager: EntityManager, { connectionId, area }: ObservationTarget) {
    const [row] = await manager.query<{ listed: number }[]>(
      `SELECT listed FROM observations WHERE connection_id = $1 AND area = $2 AND complete AND suspicion IS NULL
        ORDER BY ended_at DESC LIMIT 1`,
      [connectionId, area],
    );
    return row?.listed;
  }

  private async store(
    manager: EntityManager,
    { connectionId, area, startedAt }: ObservationClaim,
    outcome: Partial<Observation>,
  ): Promise<Observation> {
    await manager.query(
      `DELETE FROM observations WHERE connection_id = $1 AND area = $2 AND ended_at < clock_timestamp() - make_interval(days => $3)`,
      [connectionId, area, keptDays],
    );
    const id = newId();
    const endedAt = () => 'clock_timestamp()';
    await manager
      .createQueryBuilder()
      .insert()
      .into(Observation)
      .values({ id, connectionId, area, startedAt, endedAt, ...outcome })
      .execute();
    return manager.findOneByOrFail(Observation, { id });
  }
}

/** Services that something is being done to, or was while the vendor was asked: what it showed of them may be old. */
async function busyServices(manager: EntityManager, since: Date): Promise<Set<string>> {
  const rows = await manager.query<{ id: string }[]>(
    `SELECT service_id AS id FROM provisioning_tasks
      WHERE status IN ('queued', 'running', 'waiting', 'needs_attention') OR updated_at >= $1
     UNION SELECT id FROM services WHERE updated_at >= $1`,
    [since],
  );
  return new Set(rows.map(({ id }) => id));
}
