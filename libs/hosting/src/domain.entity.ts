import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';
import type { DomainMode } from './service.types.js';

/** A domain name of a customer. */
@Entity({ name: 'domains' })
export class Domain {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid')
  customerId: string;

  @Column('uuid', { nullable: true })
  serviceId: string | null;

  /** A-labels, lower case. */
  @Column('text')
  name: string;

  @Column('text')
  mode: DomainMode;

  @Column('text', { default: 'pending' })
  status: 'pending' | 'active' | 'expired' | 'transferred_away' | 'cancelled' | 'failed';

  @Column('uuid', { nullable: true })
  connectionId: string | null;

  /** Encrypted; only for transfers. */
  @Column('text', { nullable: true })
  authCode: string | null;

  @Column('timestamptz', { nullable: true })
  expiresAt: Date | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;
}
