import { Column, Entity, PrimaryColumn } from 'typeorm';

/** `critical`: customers are without service, or soon will be. `warning`: somebody should look today. */
export type AlertSeverity = 'warning' | 'critical';

/** What operators are told of an alert, each once. */
export type AlertChange = 'raised' | 'worsened' | 'resolved';

/** Something that operators should know of, for as long as it is so. Of each kind and key at most one is open. */
@Entity({ name: 'alerts' })
export class Alert {
  @PrimaryColumn('uuid')
  id: string;

  /** Such as `server.full`. */
  @Column('text')
  kind: string;

  /** What it is about, within its kind: an id or a name. */
  @Column('text')
  key: string;

  @Column('text')
  severity: AlertSeverity;

  /** A few words. */
  @Column('text')
  title: string;

  /** What is wrong, and what to do next. Never holds a secret. */
  @Column('text')
  detail: string;

  @Column('jsonb', { default: {} })
  facts: Record<string, string>;

  @Column('text', { default: 'open' })
  status: 'open' | 'resolved';

  @Column('timestamptz')
  raisedAt: Date;

  /** When it was last seen to be so. */
  @Column('timestamptz')
  seenAt: Date;

  /** When it turned from a warning to critical; null when it did not. */
  @Column('timestamptz', { nullable: true })
  worsenedAt: Date | null;

  @Column('timestamptz', { nullable: true })
  resolvedAt: Date | null;

  /** Who said that he looks after it. */
  @Column('text', { nullable: true })
  acknowledgedBy: string | null;

  @Column('timestamptz', { nullable: true })
  acknowledgedAt: Date | null;
}
