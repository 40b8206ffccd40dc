import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';
import type { ProductType } from '@keelson/core';
import type { ServiceStatus } from './service.types.js';

/** What a customer has bought and Keelson keeps: one hosting account, mail plan, domain, …. */
@Entity({ name: 'services' })
export class Service {
  @PrimaryColumn('uuid')
  id: string;

  /** Small number for clients that read integers. */
  @Column({
    type: 'integer',
    generated: 'identity',
    generatedIdentity: 'ALWAYS',
    insert: false,
    update: false,
    unique: true,
  })
  number: number;

  @Column('uuid')
  customerId: string;

  @Column('uuid')
  productId: string;

  @Column('uuid', { nullable: true })
  subscriptionId: string | null;

  @Column('text')
  type: ProductType;

  /** A-labels, lower case. */
  @Column('text', { nullable: true })
  domain: string | null;

  @Column('text', { default: 'pending' })
  status: ServiceStatus;

  /** Names of optional steps that are still missing, such as `install_ssl`. */
  @Column('text', { array: true, default: [] })
  degraded: string[];

  @Column('uuid', { nullable: true })
  serverId: string | null;

  @Column('text', { nullable: true })
  username: string | null;

  @Column('text', { nullable: true })
  packageName: string | null;

  @Column('text', { nullable: true })
  ip: string | null;

  @Column('text', { array: true, default: [] })
  nameservers: string[];

  @Column('text', { nullable: true })
  panelUrl: string | null;

  @Column('timestamptz', { nullable: true })
  provisionedAt: Date | null;

  @Column('timestamptz', { nullable: true })
  suspendedAt: Date | null;

  /** One line, safe to show the customer. */
  @Column('text', { nullable: true })
  suspendReason: string | null;

  /** Only an administrator may unsuspend it. */
  @Column('boolean', { default: false })
  suspendHold: boolean;

  /** Until then nobody but an administrator may suspend it. */
  @Column('timestamptz', { nullable: true })
  suspendExemptUntil: Date | null;

  @Column('text', { nullable: true })
  suspendExemptReason: string | null;

  /** When the data of a quarantined service is removed. */
  @Column('timestamptz', { nullable: true })
  removeDueAt: Date | null;

  /** Why it was given up: one line, safe to show the customer. */
  @Column('text', { nullable: true })
  terminationReason: string | null;

  @Column('timestamptz', { nullable: true })
  terminatedAt: Date | null;

  @Column('jsonb', { default: {} })
  metadata: Record<string, unknown>;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;
}
