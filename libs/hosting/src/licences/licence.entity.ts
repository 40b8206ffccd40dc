import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';

/** A licence key and the service that it belongs to; whether it is good follows from both, see `licenceStatusOf`. */
@Entity({ name: 'licences' })
export class Licence {
  @PrimaryColumn('uuid')
  id: string;

  /** Small number for clients that read integers. */
  @Column({
    type: 'integer',
    generated: 'identity',
    generatedIdentity: 'ALWAYS',
    insert: false,
    update: false,
    unique: true,
  })
  number: number;

  /** One that is not revoked per service, by constraint. */
  @Column('uuid')
  serviceId: string;

  /** Keyed hash that the key is found by; see `LicenceKeys`. */
  @Column('text', { unique: true })
  keyHash: string;

  /** The key, sealed: it is shown to its owner. */
  @Column('text')
  sealedKey: string;

  /** Null: as long as the service is active. */
  @Column('timestamptz', { nullable: true })
  expiresAt: Date | null;

  /** From then on for good. */
  @Column('timestamptz', { nullable: true })
  revokedAt: Date | null;

  /** When its use first looked odd: more addresses or more questions than a panel has. For operators. */
  @Column('timestamptz', { nullable: true })
  flaggedAt: Date | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;
}
