import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';

/** The site of a hosting service. */
@Entity({ name: 'websites' })
export class Website {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { unique: true })
  serviceId: string;

  @Column('text')
  domain: string;

  @Column('text', { default: 'pending' })
  status: 'pending' | 'active' | 'suspended' | 'removed';

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;
}
