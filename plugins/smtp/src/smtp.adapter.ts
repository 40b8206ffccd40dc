import type { Clock, MailExtras, MailMessage, MailPort, MailReceipt } from '@keelson/core';
import { SmtpClient } from './smtp.client.js';
import type { SmtpSettings } from './smtp.config.js';
import { dkimRecordOf, poolOptionsOf, toNodemailer, toReceipt } from './smtp.mapper.js';

/** The mail port over one SMTP server. */
export class SmtpAdapter implements MailPort {
  private readonly client: SmtpClient;

  constructor(
    private readonly settings: SmtpSettings,
    private readonly clock: Clock,
  ) {
    this.client = new SmtpClient(poolOptionsOf(settings));
  }

  testConnection(): Promise<void> {
    return this.client.verify();
  }

  async sendMail(message: MailMessage): Promise<MailReceipt> {
    return toReceipt(await this.client.send(toNodemailer(message, this.clock.now())));
  }

  async findDkimRecord(): ReturnType<MailExtras['dkim']['findDkimRecord']> {
    return dkimRecordOf(this.settings);
  }
}
