import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { Coupon } from './coupon.entity.js';

const isValid = `active AND (expires_at IS NULL OR expires_at > now())
  AND (maximum_redemptions IS NULL OR times_redeemed < maximum_redemptions)`;

/** Codes that make an order cheaper. */
@Injectable()
export class CouponsService {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** The coupon, when it can be used now; case of the code does not matter. Reserves nothing: `redeem` decides. */
  async findValid(code: string): Promise<Coupon | undefined> {
    const found = await this.dataSource.manager
      .createQueryBuilder(Coupon, 'coupon')
      .where('code = :code', { code: normalise(code) })
      .andWhere(isValid)
      .getOne();
    return found ?? undefined;
  }

  /**
   * Uses the coupon once, in the caller's transaction. Returns false, and changes nothing, when it is unknown, over or used
   * up; however many orders try at once, it is never used more often than it allows. Call it once per order.
   */
  async redeem(manager: EntityManager, code: string): Promise<boolean> {
    const redeemed = await manager
      .createQueryBuilder()
      .update(Coupon)
      .set({ timesRedeemed: () => 'times_redeemed + 1' })
      .where('code = :code', { code: normalise(code) })
      .andWhere(isValid)
      .execute();
    return redeemed.affected === 1;
  }
}

function normalise(code: string): string {
  return code.trim().toUpperCase();
}
