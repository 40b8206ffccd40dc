import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** Who did what to what. Only grows: the database refuses changes. */
@Entity({ name: 'audit_log' })
export class AuditEntry {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' })
  id: string;

  @Column('timestamptz', { default: () => 'now()' })
  at: Date;

  /** Public id of a user or key, or `system`. */
  @Column('text')
  actor: string;

  /** Dotted, past tense: `customer.created`. */
  @Column('text')
  action: string;

  @Column('text')
  subjectType: string;

  @Column('text')
  subjectId: string;

  /** What changed, without secrets. */
  @Column('jsonb', { default: {} })
  detail: Record<string, unknown>;

  @Column('text', { nullable: true })
  ip: string | null;

  @Column('text', { nullable: true })
  requestId: string | null;
}
