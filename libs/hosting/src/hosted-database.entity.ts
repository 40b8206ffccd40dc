import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';

/** A database that we keep for a service. */
@Entity({ name: 'databases' })
export class HostedDatabase {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid')
  serviceId: string;

  @Column('text')
  name: string;

  @Column('text')
  databaseUser: string;

  @Column('text')
  host: string;

  @Column('text', { default: 'active' })
  status: 'active' | 'removed';

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;
}
