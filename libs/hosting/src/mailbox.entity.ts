import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';

/** A mailbox that we keep for a service. */
@Entity({ name: 'mailboxes' })
export class HostedMailbox {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid')
  serviceId: string;

  @Column('text')
  address: string;

  @Column('uuid', { nullable: true })
  connectionId: string | null;

  @Column('text', { default: 'pending' })
  status: 'pending' | 'active' | 'suspended' | 'removed';

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;
}
