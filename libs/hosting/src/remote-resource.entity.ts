import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';

/** Something that exists at a vendor because of a service. One owner each, by constraint. */
@Entity({ name: 'remote_resources' })
export class RemoteResource {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid')
  serviceId: string;

  @Column('uuid')
  connectionId: string;

  /** Such as `account`, `zone`, `mailbox`. */
  @Column('text')
  kind: string;

  @Column('text')
  remoteId: string;

  @Column('jsonb', { default: {} })
  data: Record<string, unknown>;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;
}
