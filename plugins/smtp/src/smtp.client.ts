import { currentCall } from '@keelson/core';
import {
  createTransport,
  type MailMessage,
  type SendMailOptions,
  type SMTPPoolOptions,
  type SMTPPoolSentMessageInfo,
  type Transporter,
} from 'nodemailer';
import { smtpError } from './smtp.errors.js';

/** How far one message got. */
interface Delivery {
  /** Every byte of the message has been handed to the connection, so that the server may have all of it. */
  handedOver: boolean;
}

type TrackedMail = SendMailOptions & { delivery: Delivery };

/** Speaks SMTP with one server, over a pool of connections that open when needed. */
export class SmtpClient {
  private readonly transport: Transporter<SMTPPoolSentMessageInfo, SMTPPoolOptions>;

  constructor(options: SMTPPoolOptions & { pool: true }) {
    this.transport = createTransport(options);
    this.transport.use('stream', (mail, done) => {
      watchDelivery(mail);
      done();
    });
  }

  /**
   * Opens a session, logs in when a user is set, and ends the session.
   * @throws PortError
   */
  async verify(): Promise<void> {
    try {
      await this.transport.verify();
    } catch (thrown) {
      throw smtpError(thrown, false);
    }
  }

  /**
   * Sends one message and waits for the server's answer to it; stops when the call under way is aborted.
   * @throws PortError `outcome-unknown` only when the whole message had left and no answer came
   */
  async send(message: SendMailOptions): Promise<SMTPPoolSentMessageInfo> {
    const delivery: Delivery = { handedOver: false };
    const mail: TrackedMail = { ...message, delivery, signal: currentCall().signal };
    try {
      return await this.transport.sendMail(mail);
    } catch (thrown) {
      throw smtpError(thrown, delivery.handedOver);
    }
  }
}

/** nodemailer's errors do not say whether the message had left; the stream that a connection reads it from does. */
function watchDelivery(mail: MailMessage<SMTPPoolSentMessageInfo>): void {
  const { delivery } = mail.data as TrackedMail;
  const createReadStream = mail.message.createReadStream.bind(mail.message);
  mail.message.createReadStream = (options) =>
    createReadStream(options).once('end', () => {
      delivery.handedOver = true;
    });
}
