import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** A password of a service, encrypted. */
@Entity({ name: 'service_secrets' })
export class ServiceSecret {
  @PrimaryColumn('uuid')
  serviceId: string;

  @PrimaryColumn('text')
  name: string;

  /** Envelope of `libs/core`; see `ServiceSecrets`. */
  @Column('text')
  value: string;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;
}
