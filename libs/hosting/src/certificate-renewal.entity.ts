import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * When a service needs its next certificate, whether it has one yet or not. Changed by `CertificateRenewals`. A service that was
 * given up is due at no time, by constraint.
 */
@Entity({ name: 'certificate_renewals' })
export class CertificateRenewal {
  @PrimaryColumn('uuid')
  serviceId: string;

  /** The next try; null once it was given up. In the past while the service is suspended or another task is open. */
  @Column('timestamptz', { nullable: true })
  dueAt: Date | null;

  /** When the authority may have changed its mind about renewal; null while there is no certificate. */
  @Column('timestamptz', { nullable: true })
  askAt: Date | null;

  /** Tries since the last success, counted before each. */
  @Column('integer', { default: 0 })
  attempts: number;

  @Column('timestamptz', { nullable: true })
  failingSince: Date | null;

  /** Why the last try failed, in words for customers. */
  @Column('text', { nullable: true })
  error: string | null;

  @Column('timestamptz', { nullable: true })
  givenUpAt: Date | null;

  @Column('timestamptz', { default: () => 'now()' })
  updatedAt: Date;
}
