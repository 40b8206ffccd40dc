import type { DriftKind } from '@keelson/core';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Area, Facts, Suggestion } from './reconcile.types.js';

export const findingStatuses = ['open', 'ignored', 'planned', 'resolved'] as const;
/** `planned`: a repair is under way, or was done and is to be seen yet. */
export type FindingStatus = (typeof findingStatuses)[number];

/** A difference between a vendor and what we believe. At most one unresolved per connection, kind and key, by constraint. */
@Entity({ name: 'drift_findings' })
export class DriftFinding {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid')
  connectionId: string;

  @Column('text')
  area: Area;

  @Column('text')
  kind: DriftKind;

  @Column('text')
  key: string;

  @Column('uuid', { nullable: true })
  serviceId: string | null;

  @Column('jsonb', { nullable: true })
  expected: Facts | null;

  @Column('jsonb', { nullable: true })
  actual: Facts | null;

  @Column('text')
  suggestion: Suggestion;

  @Column('text', { default: 'open' })
  status: FindingStatus;

  /** Why it is ignored. */
  @Column('text', { nullable: true })
  reason: string | null;

  /** The task that repairs it, while it is planned. */
  @Column('uuid', { nullable: true })
  taskId: string | null;

  @Column('timestamptz')
  firstSeen: Date;

  @Column('timestamptz')
  lastSeen: Date;

  /** When it was counted last; it counts again only after the configured gap. */
  @Column('timestamptz')
  countedAt: Date;

  /** Sightings of this very difference that lie the gap apart; 2 confirm it. */
  @Column('integer', { default: 1 })
  timesSeen: number;

  @Column('timestamptz', { nullable: true })
  resolvedAt: Date | null;
}
