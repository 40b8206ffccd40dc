import { type IssuedCertificate, Keyring } from '@keelson/core';
import { newId } from '@keelson/database';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager, In, MoreThan } from 'typeorm';
import { Certificate } from './certificate.entity.js';

/** Orders of certificates and their keys. Private keys are sealed at rest. */
@Injectable()
export class CertificatesService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly keyring: Keyring,
  ) {}

  /** The order under way for the service: not finished at the authority, or not in use yet. */
  async findOrder(serviceId: string): Promise<Certificate | undefined> {
    const found = await this.dataSource.manager.findOneBy(Certificate, {
      serviceId,
      status: In(['pending', 'issued']),
    });
    return found ?? undefined;
  }

  /**
   * The order under way for the service, made when there is none: a repetition finds the same reference. It follows the
   * certificate in use where that is of the same authority.
   */
  async openOrder(
    order: Pick<Certificate, 'serviceId' | 'connectionId' | 'domains' | 'method'>,
    now: Date,
  ): Promise<Certificate> {
    await this.dataSource.query(
      `INSERT INTO certificates (id, service_id, connection_id, domains, method, created_at, replaces)
       VALUES ($1, $2, $3, $4, $5, $6,
               (SELECT id FROM certificates WHERE service_id = $2 AND connection_id = $3 AND status = 'installed'))
       ON CONFLICT (service_id) WHERE status IN ('pending', 'issued') DO NOTHING`,
      [newId(), order.serviceId, order.connectionId, order.domains, order.method, now],
    );
    return this.dataSource.manager.findOneByOrFail(Certificate, {
      serviceId: order.serviceId,
      status: In(['pending', 'issued']),
    });
  }

  /** PEM of the certificate that the order follows. */
  async replacedPem({ replaces }: Certificate): Promise<string | undefined> {
    if (replaces === null) return undefined;
    return (await this.get(replaces)).certificatePem ?? undefined;
  }

  /** @throws when there is no such certificate, which the foreign keys exclude */
  get(id: string): Promise<Certificate> {
    return this.dataSource.manager.findOneByOrFail(Certificate, { id });
  }

  /** Keeps what was issued, before anything is done with it. Repeating it changes nothing. */
  async keep(id: string, issued: IssuedCertificate): Promise<void> {
    await this.dataSource.manager.update(
      Certificate,
      { id, status: 'pending' },
      {
        status: 'issued',
        certificatePem: issued.certificatePem,
        chainPem: issued.chainPem,
        privateKey: this.keyring.encrypt(issued.privateKeyPem, placeOf(id)),
        serial: issued.serial,
        notBefore: issued.notBefore,
        notAfter: issued.notAfter,
      },
    );
  }

  /** Ends an order that came to nothing; the next one has another reference. */
  async fail(id: string, reason: string): Promise<void> {
    const open = { id, status: In(['pending', 'issued']) };
    await this.dataSource.manager.update(Certificate, open, { status: 'failed', error: reason });
  }

  /** The site answers with it now; the one before is replaced. In the caller's transaction. */
  async installed(manager: EntityManager, id: string): Promise<Certificate> {
    const { serviceId } = await manager.findOneByOrFail(Certificate, { id });
    await manager.update(Certificate, { serviceId, status: 'installed' }, { status: 'replaced' });
    await manager.update(Certificate, { id }, { status: 'installed' });
    return manager.findOneByOrFail(Certificate, { id });
  }

  /** Certificates of the service that clients would still accept, whether its site answers with them or not. */
  listValid(serviceId: string, now: Date): Promise<Certificate[]> {
    return this.dataSource.manager.find(Certificate, {
      where: { serviceId, status: In(['issued', 'installed', 'replaced']), notAfter: MoreThan(now) },
      order: { createdAt: 'ASC' },
    });
  }

  /** The authority has made it invalid. Repeating it changes nothing. */
  async revoked(id: string): Promise<void> {
    await this.dataSource.manager.update(Certificate, { id }, { status: 'revoked' });
  }

  /** Ends the order under way, as the service needs no certificate any more. In the caller's transaction. */
  async abandon(manager: EntityManager, serviceId: string): Promise<void> {
    await manager.update(
      Certificate,
      { serviceId, status: 'pending' },
      { status: 'failed', error: 'The service needs no certificate any more.' },
    );
  }

  /** The private key in clear text. @throws Error when the certificate has none yet */
  privateKeyOf({ id, privateKey }: Certificate): string {
    if (privateKey === null) throw new Error(`certificate ${id} has no key yet`);
    return this.keyring.decrypt(privateKey, placeOf(id));
  }
}

function placeOf(id: string): { table: string; column: string; id: string } {
  return { table: 'certificates', column: 'private_key', id };
}
