import { Injectable, Logger } from '@nestjs/common';

/** Something about a certificate that a person should hear of. */
export interface CertificateAlert {
  /**
   * `failing`: the next certificate cannot be had now; tries go on. `given-up`: nobody tries any more, and the site has no valid
   * certificate. `recovered`: there is one after all.
   */
  type: 'certificate.failing' | 'certificate.given-up' | 'certificate.recovered';
  serviceId: string;
  /** Main name of the site. */
  domain: string;
  /** Why, in words for customers. */
  error?: string;
  failingSince?: Date;
  /** Tries so far since the last success. */
  attempts?: number;
  /** The next try. */
  dueAt?: Date;
  /** End of the certificate that the site answers with; absent when it has none. */
  notAfter?: Date;
}

export type CertificateListener = (alert: CertificateAlert) => void | Promise<void>;

/**
 * Tells whoever listens in this process, after the commit of what it tells of: once when a failure begins or becomes another one, once
 * when it is given up, once when it is over. A process that dies in between tells nobody: `certificate_renewals` says it all the same.
 */
@Injectable()
export class CertificateAlerts {
  private readonly logger = new Logger('Certificates');
  private readonly listeners = new Set<CertificateListener>();

  listen(listener: CertificateListener): void {
    this.listeners.add(listener);
  }

  /** Never throws: a listener that fails is logged. */
  async tell(alert: CertificateAlert): Promise<void> {
    if (alert.type === 'certificate.recovered') this.logger.log({ message: alert.type, ...alert });
    else this.logger.warn({ message: alert.type, ...alert });
    for (const listener of this.listeners) {
      try {
        await listener(alert);
      } catch (error) {
        this.logger.error(`a listener to ${alert.type} failed: ${String(error)}`);
      }
    }
  }
}
