import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';
import type { DomainMode } from './service.types.js';

/** Why a domain that was ordered cannot be had, until somebody has decided what becomes of it. */
export interface DomainProblem {
  /** What was asked of the registrar. */
  during: 'registration' | 'transfer' | 'renewal';
  /** A sentence that the customer understands. */
  reason: string;
  /** What the customer can do so that it goes on. */
  remedy?: 'auth-code' | 'unlock' | 'wait';
  /** ISO 8601. */
  since: string;
}

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

  @Column('timestamptz', { nullable: true })
  expiresAt: Date | null;

  /** When the registrar was last asked about it, or is being asked. */
  @Column('timestamptz', { nullable: true })
  syncedAt: Date | null;

  /** What the customer was asked for the registration or the transfer, in minor units. Null when it was not sold with an order. */
  @Column('integer', { nullable: true })
  soldAmount: number | null;

  @Column('text', { nullable: true })
  soldCurrency: string | null;

  /** Whether it is to be signed, where name server and registrar know how. */
  @Column('boolean', { default: true })
  dnssec: boolean;

  /** Set while money was taken for something that the registrar does not give. */
  @Column('jsonb', { nullable: true })
  problem: DomainProblem | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;
}
