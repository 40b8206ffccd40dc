import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';

/** Takes a share or an amount off the first payment. Exactly one of `percentOff` and `amountOff` is set. */
@Entity({ name: 'coupons' })
export class Coupon {
  @PrimaryColumn('uuid')
  id: string;

  /** Upper case. */
  @Column('text', { unique: true })
  code: string;

  @Column('integer', { nullable: true })
  percentOff: number | null;

  /** Minor units of `currency`. */
  @Column('integer', { nullable: true })
  amountOff: number | null;

  @Column('text', { nullable: true })
  currency: string | null;

  /** Null: any number of times. */
  @Column('integer', { nullable: true })
  maximumRedemptions: number | null;

  /** Changed only by `CouponsService`. */
  @Column('integer', { default: 0 })
  timesRedeemed: number;

  @Column('timestamptz', { nullable: true })
  expiresAt: Date | null;

  @Column('boolean', { default: true })
  active: boolean;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;
}
