import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** Something that happened to a task, in order. Only grows. */
@Entity({ name: 'provisioning_events' })
export class ProvisioningEvent {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' })
  id: string;

  @Column('uuid')
  taskId: string;

  @Column('timestamptz', { default: () => 'clock_timestamp()' })
  at: Date;

  /** Such as `task.started`, `step.completed`. */
  @Column('text')
  type: string;

  @Column('text', { nullable: true })
  step: string | null;

  @Column('jsonb', { default: {} })
  data: Record<string, unknown>;
}
