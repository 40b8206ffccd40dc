import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';
import type { RecordSet } from '@keelson/core';

/** A zone that we keep for a service. */
@Entity({ name: 'dns_zones' })
export class DnsZone {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid')
  serviceId: string;

  @Column('text')
  name: string;

  @Column('uuid', { nullable: true })
  connectionId: string | null;

  @Column('text', { default: 'pending' })
  status: 'pending' | 'active' | 'skipped' | 'removed';

  /** The sets we put there; others are not ours. */
  @Column('jsonb', { default: [] })
  records: RecordSet[];

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;
}
