import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';
import type { Department } from './departments.js';
import type { TemplateName } from './templates/template.types.js';

/** One mail, whatever became of it. Bodies are not kept: they hold passwords. */
@Entity({ name: 'email_log' })
export class EmailLogEntry {
  @PrimaryColumn('uuid')
  id: string;

  /** Without angle brackets; the same at every repetition. */
  @Column('text', { unique: true })
  messageId: string;

  @Column('text')
  department: Department;

  @Column('text')
  template: TemplateName;

  @Column('text')
  recipient: string;

  @Column('text')
  subject: string;

  /** `queued`: an attempt is under way, or its process died. `unknown`: the server may have taken it. */
  @Column('text')
  state: 'queued' | 'sent' | 'failed' | 'unknown';

  @Column('integer', { default: 0 })
  attempts: number;

  @Column('text', { nullable: true })
  lastError: string | null;

  @Column('text', { nullable: true })
  relatedType: string | null;

  @Column('uuid', { nullable: true })
  relatedId: string | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;

  @Column('timestamptz', { nullable: true })
  sentAt: Date | null;
}
