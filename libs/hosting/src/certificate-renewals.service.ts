import { ownRenewalWindow, renewalMoment, type RenewalWindow } from '@keelson/core';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager, MoreThan } from 'typeorm';
import { Certificate } from './certificate.entity.js';
import { CertificateRenewal } from './certificate-renewal.entity.js';
import { giveUpAfterMs, pauseAfter } from './renewal-pauses.js';

const minute = 60_000;
const day = 1_440 * minute;

/** A certificate about which the authority is to be asked. */
export type AskedCertificate = Pick<Certificate, 'id' | 'serviceId' | 'connectionId' | 'certificatePem'>;

/** How things stand after a try failed. */
export interface FailedTry {
  /** Whether this try was the last. */
  gaveUp: boolean;
  /** Whether the try before failed in another way, or did not fail. */
  changed: boolean;
}

/**
 * When services need their next certificates. Every change is one statement or belongs to the caller's transaction; a try is counted,
 * and the next one scheduled, before it begins, so that however it ends there is a next one and never two at once.
 */
@Injectable()
export class CertificateRenewals {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  async find(serviceId: string): Promise<CertificateRenewal | undefined> {
    return (await this.dataSource.manager.findOneBy(CertificateRenewal, { serviceId })) ?? undefined;
  }

  /** The certificate in use, unless it has run out or is due for renewal. */
  async presentCertificate(serviceId: string, now: Date): Promise<Certificate | undefined> {
    const { manager } = this.dataSource;
    const due = { serviceId, dueAt: MoreThan(now) };
    if (!(await manager.existsBy(CertificateRenewal, due))) return undefined;
    const valid = { serviceId, status: 'installed' as const, notAfter: MoreThan(now) };
    return (await manager.findOneBy(Certificate, valid)) ?? undefined;
  }

  /** The service is getting its first certificate. Does nothing when that is known. */
  async begin(serviceId: string, now: Date): Promise<void> {
    await this.dataSource.query(
      `INSERT INTO certificate_renewals (service_id, due_at, attempts) VALUES ($1, $2, 1) ON CONFLICT DO NOTHING`,
      [serviceId, new Date(now.getTime() + pauseAfter(1, undefined, serviceId))],
    );
  }

  /** A certificate is in use: the next is due at our own rule until the authority was asked, which is due at once. */
  async succeed(manager: EntityManager, certificate: Certificate, now: Date): Promise<void> {
    const { id, serviceId, notBefore, notAfter } = certificate;
    if (notBefore === null || notAfter === null) throw new Error(`certificate ${id} was never issued`);
    const dueAt = renewalMoment(ownRenewalWindow({ notBefore, notAfter }, now), id);
    await manager.upsert(
      CertificateRenewal,
      { serviceId, dueAt, askAt: now, attempts: 0, failingSince: null, error: null, givenUpAt: null, updatedAt: now },
      ['serviceId'],
    );
  }

  /**
   * A try failed. Its successor is scheduled already; after a month of failures without a valid certificate there is none. The
   * service is marked degraded when its site has no valid certificate.
   * @param lasting only a change on the customer's side helps, such as pointing the domain at us
   */
  async fail(
    manager: EntityManager,
    serviceId: string,
    { error, lasting }: { error: string; lasting: boolean },
    now: Date,
  ): Promise<FailedTry> {
    const installed = await manager.findOneBy(Certificate, { serviceId, status: 'installed' });
    const valid = installed?.notAfter != null && installed.notAfter > now;
    const renewal = await manager.findOneOrFail(CertificateRenewal, {
      where: { serviceId },
      lock: { mode: 'pessimistic_write' },
    });
    const since = renewal.failingSince ?? now;
    const changed = renewal.error !== error;
    const gaveUp = lasting && !valid && renewal.givenUpAt === null && now.getTime() - since.getTime() >= giveUpAfterMs;
    Object.assign(renewal, { failingSince: since, error, updatedAt: now });
    if (gaveUp) Object.assign(renewal, { dueAt: null, askAt: null, givenUpAt: now });
    await manager.save(renewal);
    if (!valid) {
      await manager.query(
        `UPDATE services SET degraded = degraded || '{install_ssl}'::text[] WHERE id = $1 AND NOT 'install_ssl' = ANY (degraded)`,
        [serviceId],
      );
    }
    return { gaveUp, changed };
  }

  /** A try begins: it is counted, and the next one scheduled. In the transaction that begins it. */
  async count(manager: EntityManager, serviceId: string, now: Date): Promise<void> {
    const renewal = await manager.findOneByOrFail(CertificateRenewal, { serviceId });
    const installed = await manager.findOneBy(Certificate, { serviceId, status: 'installed' });
    const left = installed?.notAfter ? installed.notAfter.getTime() - now.getTime() : undefined;
    const attempts = renewal.attempts + 1;
    const dueAt = new Date(now.getTime() + pauseAfter(attempts, left, serviceId));
    await manager.update(CertificateRenewal, { serviceId }, { attempts, dueAt, updatedAt: now });
  }

  /** Takes certificates about which the authority is to be asked now; nobody else gets them for ten minutes. */
  async claimAsks(now: Date, limit: number): Promise<AskedCertificate[]> {
    return this.dataSource.query<AskedCertificate[]>(
      `WITH due AS (
         SELECT service_id FROM certificate_renewals WHERE ask_at <= $1 ORDER BY ask_at LIMIT $2 FOR UPDATE SKIP LOCKED
       ), claimed AS (
         UPDATE certificate_renewals r SET ask_at = $3 FROM due WHERE r.service_id = due.service_id RETURNING r.service_id
       )
       SELECT c.id, c.service_id AS "serviceId", c.connection_id AS "connectionId", c.certificate_pem AS "certificatePem"
         FROM claimed JOIN certificates c ON c.service_id = claimed.service_id AND c.status = 'installed'`,
      [now, limit, new Date(now.getTime() + 10 * minute)],
    );
  }

  /**
   * Keeps what was said about renewing the certificate: a moment in the window, and when to ask again (RFC 9773 §4.3.2: a minute to a
   * day). Does nothing when another certificate took its place; tries under way keep their pauses.
   */
  async schedule(
    { id, serviceId }: Pick<Certificate, 'id' | 'serviceId'>,
    window: RenewalWindow,
    now: Date,
  ): Promise<void> {
    const wait = Math.min(Math.max(window.checkAfter.getTime() - now.getTime(), minute), day);
    await this.dataSource.query(
      `UPDATE certificate_renewals r
          SET due_at = CASE WHEN attempts = 0 THEN $3 ELSE due_at END, ask_at = $4, updated_at = $5
         FROM certificates c
        WHERE r.service_id = $1 AND r.given_up_at IS NULL AND c.id = $2 AND c.status = 'installed'`,
      [serviceId, id, renewalMoment(window, id), new Date(now.getTime() + wait), now],
    );
  }

  /** The service needs no certificate any more. Repeating it changes nothing. */
  async end(manager: EntityManager, serviceId: string): Promise<void> {
    await manager.delete(CertificateRenewal, { serviceId });
  }
}
