import { createHash } from 'node:crypto';
import { BindingsService, ConnectionsService } from '@keelson/catalogue';
import { mailPort, type Settings, settingsToken } from '@keelson/core';
import { AuthService } from '@keelson/customers';
import { NotificationsService } from '@keelson/notifications';
import { Inject, Injectable, Logger } from '@nestjs/common';

const validMinutes = 30;

/** Sends links to set a new password, after the answer is given: how long it takes must not show whether the address is known. */
@Injectable()
export class PasswordResetMail {
  private readonly logger = new Logger('auth');

  constructor(
    private readonly auth: AuthService,
    private readonly bindings: BindingsService,
    private readonly connections: ConnectionsService,
    private readonly notifications: NotificationsService,
    @Inject(settingsToken) private readonly settings: Settings,
  ) {}

  /** Begins to send and returns. A failure is logged; the customer asks again. */
  request(email: string): void {
    this.send(email).catch((thrown: unknown) => {
      this.logger.warn({ message: 'a mail to reset a password was not sent', error: String(thrown) });
    });
  }

  private async send(email: string): Promise<void> {
    const [connection] = await this.bindings.connectionsFor('mail');
    if (connection === undefined) {
      this.logger.warn('no connection sends mail: bind one to the port "mail" in keelson.config.yaml');
      return;
    }
    const mail = await this.connections.adapterFor(mailPort, connection.id);
    const reset = await this.auth.forgotPassword(email);
    if (reset === undefined) return;
    const { user, token } = reset;
    await this.notifications.sendNow(
      {
        messageId: this.notifications.messageIdOf(
          `password-reset-${createHash('sha256').update(token).digest('hex').slice(0, 32)}`,
        ),
        department: 'support',
        template: 'password-reset',
        to: { address: user.email },
        data: { resetUrl: `${this.settings.panelUrl}/reset-password#token=${token}`, validMinutes },
        related: { type: 'user', id: user.id },
      },
      mail,
    );
  }
}
