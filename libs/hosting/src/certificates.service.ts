import { type IssuedCertificate, Keyring } from '@keelson/core';
import { newId } from '@keelson/database';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager, In } from 'typeorm';
import { Certificate } from './certificate.entity.js';

/** Orders of certificates and their keys. Private keys are sealed at rest. */
@Injectable()
export class CertificatesService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly keyring: Keyring,
  ) {}

  /** The order under way for the service, made when there is none: a repetition finds the same reference. */
  async openOrder(order: { serviceId: string; connectionId: string; domains: string[] }): Promise<Certificate> {
    await this.dataSource.query(
      `INSERT INTO certificates (id, service_id, connection_id, domains) VALUES ($1, $2, $3, $4)
       ON CONFLICT (service_id) WHERE status IN ('pending', 'issued') DO NOTHING`,
      [newId(), order.serviceId, order.connectionId, order.domains],
    );
    return this.dataSource.manager.findOneByOrFail(Certificate, {
      serviceId: order.serviceId,
      status: In(['pending', 'issued']),
    });
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

  /** Ends an order that the authority refused; the next one has another reference. */
  async fail(id: string, reason: string): Promise<void> {
    await this.dataSource.manager.update(Certificate, { id, status: 'pending' }, { status: 'failed', error: reason });
  }

  /** The site answers with it now; the one before is replaced. In the caller's transaction. */
  async installed(manager: EntityManager, id: string): Promise<void> {
    const { serviceId } = await manager.findOneByOrFail(Certificate, { id });
    await manager.update(Certificate, { serviceId, status: 'installed' }, { status: 'replaced' });
    await manager.update(Certificate, { id }, { status: 'installed' });
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
