import { type Settings, settingsToken } from '@keelson/core';
import { findPage, inTransaction, newId } from '@keelson/database';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { Alert, type AlertChange } from './alert.entity.js';
import type { AlertCondition, AlertSource } from './alert-source.js';

/** Lock, together with the kind, of the one process that looks at a time. */
const looking = 0x6b656c61;

export interface AlertFilter {
  status?: Alert['status'];
  kind?: string;
  limit: number;
  offset: number;
}

/** There is no such alert. */
export class AlertNotFoundError extends Error {
  override readonly name = 'AlertNotFoundError';
  constructor() {
    super('There is no such alert.');
  }
}

/**
 * The one stream of what operators should know of. Sources say what is wrong now; what is new is raised, what is no longer so resolves itself,
 * and what is still so stays the same alert.
 */
@Injectable()
export class Alerts {
  private readonly logger = new Logger('Alerts');
  private readonly sources = new Map<string, AlertSource>();

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    @Inject(settingsToken) private readonly settings: Pick<Settings, 'alerts'>,
  ) {}

  /** @throws Error when the kind has a source already */
  register(...sources: AlertSource[]): void {
    for (const source of sources) {
      if (this.sources.has(source.kind)) throw new Error(`alerts of the kind ${source.kind} have two sources`);
      this.sources.set(source.kind, source);
    }
  }

  /**
   * Asks every source and brings the stream up to date; what changed is to be delivered. One process looks for a kind at a time; another one
   * that comes meanwhile passes it over. A source that fails changes nothing of its kind. Returns how many alerts were raised, turned critical, or were resolved.
   */
  async look(): Promise<number> {
    let changed = 0;
    for (const source of this.sources.values()) {
      try {
        changed += await inTransaction(this.dataSource, async (manager) => {
          const [lock] = await manager.query<{ mine: boolean }[]>(
            'SELECT pg_try_advisory_xact_lock($1, hashtext($2)) AS mine',
            [looking, source.kind],
          );
          return lock?.mine === true ? this.sync(manager, source.kind, await source.current(manager)) : 0;
        });
      } catch (error) {
        this.logger.error(`nobody knows whether there is ${source.kind} now: ${String(error)}`);
      }
    }
    return changed;
  }

  /** Alerts, newest first, with the total number as `findPage` counts it. */
  async list({ status, kind, limit, offset }: AlertFilter): Promise<{ items: Alert[]; total: number }> {
    const [items, total] = await findPage(this.dataSource.manager, Alert, {
      where: { ...(status && { status }), ...(kind && { kind }) },
      order: { raisedAt: 'DESC', id: 'DESC' },
      take: limit,
      skip: offset,
    });
    return { items, total };
  }

  /** Notes that somebody looks after it. The first stands. @throws AlertNotFoundError */
  async acknowledge(id: string, by: string): Promise<Alert> {
    await this.dataSource.query(
      `UPDATE alerts SET acknowledged_by = $2, acknowledged_at = clock_timestamp() WHERE id = $1 AND acknowledged_by IS NULL`,
      [id, by],
    );
    const alert = await this.dataSource.manager.findOneBy(Alert, { id });
    if (alert === null) throw new AlertNotFoundError();
    return alert;
  }

  private async sync(manager: EntityManager, kind: string, conditions: AlertCondition[]): Promise<number> {
    const current = [...new Map(conditions.map((condition) => [condition.key, condition])).values()];
    const raised = await manager.query<{ id: string; key: string; fresh: boolean; worsened: boolean }[]>(
      `INSERT INTO alerts (id, kind, key, severity, title, detail, facts)
       SELECT new.id, $1, new.key, new.severity, new.title, new.detail, new.facts
         FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::jsonb[])
              AS new (id, key, severity, title, detail, facts)
       ON CONFLICT (kind, key) WHERE status = 'open' DO UPDATE
          SET severity = excluded.severity, title = excluded.title, detail = excluded.detail, facts = excluded.facts,
              seen_at = clock_timestamp(),
              worsened_at = coalesce(alerts.worsened_at,
                                     CASE WHEN alerts.severity = 'warning' AND excluded.severity = 'critical' THEN now() END)
       RETURNING id, key, xmax = 0 AS fresh, coalesce(worsened_at = now(), false) AS worsened`,
      [
        kind,
        current.map(() => newId()),
        current.map(({ key }) => key),
        current.map(({ severity }) => severity),
        current.map(({ title }) => title),
        current.map(({ detail }) => detail),
        current.map(({ facts = {} }) => JSON.stringify(facts)),
      ],
    );
    const [resolved] = await manager.query<[{ id: string; title: string }[], number]>(
      `UPDATE alerts SET status = 'resolved', resolved_at = clock_timestamp()
        WHERE kind = $1 AND status = 'open' AND key <> ALL ($2) RETURNING id, title`,
      [kind, current.map(({ key }) => key)],
    );
    const fresh = raised.filter((row) => row.fresh);
    const worsened = raised.filter((row) => row.worsened);
    await this.plan(manager, fresh, 'raised');
    await this.plan(manager, worsened, 'worsened');
    await this.plan(manager, resolved, 'resolved');
    for (const { key } of fresh) this.logger.warn({ message: `alert ${kind}`, key });
    for (const { key } of worsened) this.logger.warn({ message: `alert ${kind} is critical now`, key });
    for (const { title } of resolved) this.logger.log(`no longer so: ${title}`);
    return fresh.length + worsened.length + resolved.length;
  }

  /** Leaves a delivery for every channel that is set up, and no second one ever. */
  private async plan(manager: EntityManager, alerts: { id: string }[], change: AlertChange): Promise<void> {
    const { email, webhook } = this.settings.alerts;
    const channels = [...(email === undefined ? [] : ['mail']), ...(webhook === undefined ? [] : ['webhook'])];
    if (alerts.length === 0 || channels.length === 0) return;
    await manager.query(
      `INSERT INTO alert_deliveries (alert_id, change, channel)
       SELECT id, $2, channel FROM unnest($1::uuid[]) AS id CROSS JOIN unnest($3::text[]) AS channel
       ON CONFLICT DO NOTHING`,
      [alerts.map(({ id }) => id), change, channels],
    );
  }
}
