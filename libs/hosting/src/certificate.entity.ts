import type { CertificateSpec } from '@keelson/core';
import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';

/** `pending`: ordered. `issued`: ours, not yet in use. `installed`: the site answers with it. */
export type CertificateStatus = 'pending' | 'issued' | 'installed' | 'failed' | 'replaced' | 'revoked';

/** One order of a certificate and what came of it. Its id is the reference at the authority. One order at a time per service, by constraint. */
@Entity({ name: 'certificates' })
export class Certificate {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid')
  serviceId: string;

  @Column('uuid')
  connectionId: string;

  /** A-labels, the main name first. */
  @Column('text', { array: true })
  domains: string[];

  /** How the authority sees that the names are ours. */
  @Column('text', { default: 'dns-01' })
  method: CertificateSpec['method'];

  /** The certificate that it follows, of the same authority. */
  @Column('uuid', { nullable: true })
  replaces: string | null;

  @Column('text', { default: 'pending' })
  status: CertificateStatus;

  @Column('text', { nullable: true })
  certificatePem: string | null;

  @Column('text', { nullable: true })
  chainPem: string | null;

  /** Sealed; see `CertificatesService`. */
  @Column('text', { nullable: true })
  privateKey: string | null;

  @Column('text', { nullable: true })
  serial: string | null;

  @Column('timestamptz', { nullable: true })
  notBefore: Date | null;

  @Column('timestamptz', { nullable: true })
  notAfter: Date | null;

  /** Why the order failed, in the authority's words for customers. */
  @Column('text', { nullable: true })
  error: string | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;
}
