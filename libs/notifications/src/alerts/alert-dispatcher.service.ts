import { type Settings, settingsToken } from '@keelson/core';
import { toPublicId } from '@keelson/database';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { NotificationsService } from '../notifications.service.js';
import { Alert, type AlertChange } from './alert.entity.js';
import { OperatorMail } from './operator-mail.js';
import { postSigned } from './signed-webhook.js';

interface Delivery {
  alert_id: string;
  change: AlertChange;
  channel: 'mail' | 'webhook';
  attempts: number;
}

/** How long a worker may take for one delivery before another one tries. */
const leaseSeconds = 60;
/** Pauses between tries; after the last the delivery is given up. The alert itself stays in the stream. Seconds. */
const pauses = [10, 60, 300, 1_800, 7_200, 43_200];
const batch = 20;

/** Brings alerts to the operators, by mail and by webhook. Any number of workers may run it; each delivery is retried until it is confirmed. */
@Injectable()
export class AlertDispatcher {
  private readonly logger = new Logger('Alerts');

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly notifications: NotificationsService,
    private readonly mail: OperatorMail,
    @Inject(settingsToken) private readonly settings: Pick<Settings, 'alerts' | 'appUrl'>,
  ) {}

  /** Delivers what is due. Returns how many were confirmed. */
  async deliverDue(): Promise<number> {
    const [due] = await this.dataSource.query<[Delivery[], number]>(
      `UPDATE alert_deliveries SET attempts = attempts + 1, next_attempt_at = clock_timestamp() + make_interval(secs => $2)
        WHERE (alert_id, change, channel) IN (SELECT alert_id, change, channel FROM alert_deliveries
                WHERE next_attempt_at <= clock_timestamp() ORDER BY next_attempt_at LIMIT $1 FOR UPDATE SKIP LOCKED)
       RETURNING alert_id, change, channel, attempts`,
      [batch, leaseSeconds],
    );
    const outcomes = await Promise.all(due.map((delivery) => this.deliver(delivery)));
    return outcomes.filter(Boolean).length;
  }

  private async deliver(delivery: Delivery): Promise<boolean> {
    const alert = await this.dataSource.manager.findOneByOrFail(Alert, { id: delivery.alert_id });
    try {
      if (delivery.channel === 'mail') await this.sendMail(alert, delivery.change);
      else await this.post(alert, delivery.change);
      await this.note(delivery, null, undefined);
      return true;
    } catch (error) {
      const seconds = pauses[delivery.attempts - 1];
      const reason = error instanceof Error ? error.message : String(error);
      this.logger.warn(
        `alert ${alert.kind} was not delivered by ${delivery.channel}, ${seconds === undefined ? 'given up' : `next try in ${seconds} s`}: ${reason}`,
      );
      await this.note(delivery, reason.slice(0, 300), seconds);
      return false;
    }
  }

  private async note({ alert_id, change, channel }: Delivery, error: string | null, seconds?: number): Promise<void> {
    await this.dataSource.query(
      `UPDATE alert_deliveries SET error = $4, next_attempt_at = clock_timestamp() + make_interval(secs => $5),
              delivered_at = CASE WHEN $4::text IS NULL THEN clock_timestamp() END
        WHERE alert_id = $1 AND change = $2 AND channel = $3`,
      [alert_id, change, channel, error, seconds ?? null],
    );
  }

  private async sendMail(alert: Alert, change: AlertChange): Promise<void> {
    const { email } = this.settings.alerts;
    if (email === undefined) throw new Error('ALERT_EMAIL is no longer set');
    const resolved = change === 'resolved';
    await this.notifications.sendNow(
      {
        messageId: this.notifications.messageIdOf(`alert-${alert.id}-${change}`),
        department: 'support',
        template: 'operator-attention',
        to: { address: email },
        related: { type: 'alert', id: alert.id },
        data: {
          title: resolved ? `over: ${alert.title}` : alert.title,
          reason: resolved ? 'This is no longer so. Nothing is left to do.' : alert.detail,
          facts: Object.entries({ kind: alert.kind, ...alert.facts }).map(([name, value]) => ({ name, value })),
        },
      },
      await this.mail.adapter(),
    );
  }

  private async post(alert: Alert, change: AlertChange): Promise<void> {
    const { webhook } = this.settings.alerts;
    if (webhook === undefined) throw new Error('ALERT_WEBHOOK_URL is no longer set');
    const id = toPublicId('alert', alert.id);
    await postSigned(webhook, `${id}.${change}`, {
      type: `alert.${change}`,
      timestamp: (alert[`${change}At`] ?? new Date()).toISOString(),
      data: {
        id,
        kind: alert.kind,
        key: alert.key,
        severity: alert.severity,
        title: alert.title,
        detail: alert.detail,
        facts: alert.facts,
      },
    });
  }
}
