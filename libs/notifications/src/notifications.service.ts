import {
  type AdapterOf,
  isPortError,
  type MailAddress,
  type mailPort,
  PortError,
  redact,
  settingsToken,
} from '@keelson/core';
import { newId } from '@keelson/database';
import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { type Department, senderOf, type SenderSettings } from './departments.js';
import { EmailLogEntry } from './email-log-entry.entity.js';
import { oneLine, type RenderedMail, renderTemplate } from './render-template.js';
import type { TemplateData, TemplateName } from './templates/template.types.js';

export interface Notification<Name extends TemplateName = TemplateName> {
  /** Names this mail for good, without angle brackets: the same at every repetition. See `messageIdOf`. */
  messageId: string;
  department: Department;
  template: Name;
  to: MailAddress;
  data: TemplateData[Name];
  /** What the mail is about: a table's singular name and the row's id. */
  related?: { type: string; id: string };
}

export interface SendOutcome {
  messageId: string;
  /** True when an earlier call had sent it and this one did nothing. */
  alreadySent: boolean;
}

/** Sends mail and remembers every one of them in the e-mail log. */
@Injectable()
export class NotificationsService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    @Inject(settingsToken) private readonly settings: SenderSettings,
  ) {}

  /** A Message-ID for the piece of work with this key, such as `provisioning-<step id>`; the same key gives the same one. */
  messageIdOf(key: string): string {
    const domain = this.settings.mailFrom.address.split('@').at(-1);
    return `${key.replace(/[^A-Za-z0-9._-]/g, '-')}@${domain}`;
  }

  /** The log entry of a mail, or undefined when it was never tried. */
  async find(messageId: string): Promise<EmailLogEntry | undefined> {
    return (await this.dataSource.manager.findOneBy(EmailLogEntry, { messageId })) ?? undefined;
  }

  /**
   * Renders and sends one mail, and waits for the server's answer. The attempt is logged before it and its outcome after it.
   *
   * Repeating it does nothing once the mail was sent. After an attempt of unknown outcome one more is made, so that a
   * receiver sees at most one doublet, with the same Message-ID.
   * @throws PortError as `sendMail` does, and `wrong-state` after two attempts in a row whose outcome is unknown; calling it
   *   again after that is a decision of its own and sends
   * @throws TypeError when a link in `data` is not `http` or `https`
   */
  async sendNow<Name extends TemplateName>(
    notification: Notification<Name>,
    mail: AdapterOf<typeof mailPort>,
  ): Promise<SendOutcome> {
    const { messageId, department, template, to, data } = notification;
    const { companyName, supportEmail } = this.settings;
    const rendered = renderTemplate(template, { ...data, companyName, supportEmail });
    const attempt = await this.logAttempt(notification, rendered);
    if (attempt === undefined) return { messageId, alreadySent: true };
    try {
      await mail.sendMail({
        messageId,
        ...senderOf(department, this.settings),
        to: [{ address: to.address, ...(to.name === undefined ? {} : { name: oneLine(to.name) }) }],
        ...rendered,
        // RFC 3834: keeps out-of-office robots from answering.
        headers: { 'Auto-Submitted': 'auto-generated' },
      });
    } catch (thrown) {
      const inDoubt = attempt.before === 'unknown' || attempt.before === 'queued';
      throw await this.logFailure(messageId, thrown, inDoubt);
    }
    await this.dataSource.query(
      `UPDATE email_log SET state = 'sent', sent_at = now(), updated_at = now() WHERE message_id = $1`,
      [messageId],
    );
    return { messageId, alreadySent: false };
  }

  /** Writes that an attempt begins, and returns what the log said before. Undefined when the mail has been sent. */
  private async logAttempt(
    notification: Notification,
    { subject }: RenderedMail,
  ): Promise<{ before: EmailLogEntry['state'] | null } | undefined> {
    const { messageId, department, template, to, related } = notification;
    const [attempt] = await this.dataSource.query<{ before: EmailLogEntry['state'] | null }[]>(
      `INSERT INTO email_log (id, message_id, department, template, recipient, subject, state, attempts, related_type, related_id)
       VALUES ($1, $2, $3, $4, $5, $6, 'queued', 1, $7, $8)
       ON CONFLICT (message_id) DO UPDATE
         SET state = 'queued', attempts = email_log.attempts + 1, last_error = NULL, recipient = excluded.recipient,
             subject = excluded.subject, updated_at = now()
         WHERE email_log.state <> 'sent'
       RETURNING (SELECT state FROM email_log earlier WHERE earlier.message_id = $2) AS before`,
      [newId(), messageId, department, template, to.address, subject, related?.type ?? null, related?.id ?? null],
    );
    return attempt;
  }

  /** Writes how an attempt failed and returns what to throw. A mail that another attempt sent meanwhile stays `sent`. */
  private async logFailure(messageId: string, thrown: unknown, inDoubt: boolean): Promise<unknown> {
    const unknown = isPortError(thrown) && thrown.code === 'outcome-unknown';
    const twice = unknown && inDoubt;
    await this.dataSource.query(
      `UPDATE email_log SET state = $2, last_error = $3, updated_at = now() WHERE message_id = $1 AND state <> 'sent'`,
      [messageId, unknown && !twice ? 'unknown' : 'failed', sentenceOf(thrown)],
    );
    return twice
      ? new PortError('wrong-state', 'Two attempts to send the mail were not confirmed; it may have arrived twice.', {
          cause: thrown,
        })
      : thrown;
  }
}

function sentenceOf(thrown: unknown): string {
  if (!isPortError(thrown)) return 'internal: the adapter failed in an unexpected way';
  const { status, message } = thrown.details.vendor ?? {};
  return redact(
    [`${thrown.code}:`, status, message ?? thrown.message].filter((part) => part !== undefined).join(' '),
  ).slice(0, 500);
}
