import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What a service used, by its last measurement of a day. */
@Entity({ name: 'service_usage' })
export class ServiceUsage {
  @PrimaryColumn('uuid')
  serviceId: string;

  /** UTC, `2026-11-21`. */
  @PrimaryColumn('date')
  day: string;

  @Column('timestamptz')
  measuredAt: Date;

  @Column('double precision')
  diskMb: number;

  /** Null: unlimited, or not told. */
  @Column('double precision', { nullable: true })
  diskLimitMb: number | null;

  /** Since the vendor's month began. */
  @Column('double precision', { nullable: true })
  bandwidthMb: number | null;

  @Column('double precision', { nullable: true })
  bandwidthLimitMb: number | null;

  @Column('integer', { nullable: true })
  domains: number | null;

  @Column('integer', { nullable: true })
  databases: number | null;

  @Column('integer', { nullable: true })
  mailboxes: number | null;
}
