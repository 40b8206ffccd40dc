import { type AdapterOf, PortError, registrarPort, supports, type TldPrice as ListedPrice } from '@keelson/core';
import { inTransaction, newId } from '@keelson/database';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';

export interface PriceImport {
  /** Endings whose costs were stored, in the order of the alphabet. */
  known: string[];
  /** Endings that were not sold before and are now. Empty without a markup. */
  added: string[];
  /** Endings that the registrar sells and we do not. */
  notSold: string[];
  /** Endings that we sell and the registrar does not: their costs are forgotten. */
  notBought: string[];
  /** Endings that we sell below what they cost us, by what: compared where both are in one currency. */
  belowCost: { tld: string; what: ('register' | 'renew' | 'transfer')[] }[];
}

/** What registrars ask for domains. */
@Injectable()
export class TldCosts {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /**
   * Stores the price list of the registrar as our costs, whole or not at all. Prices that we sell at stay as they are. With a markup, endings
   * not sold yet are sold from now on, in the registrar's currency, at the cost and so many per cent, rounded up to the next
   * full hundred minor units less one. Repeating it changes nothing.
   * @throws PortError `unsupported` when the registrar shows no price list, `wrong-state` for an empty one
   */
  async importPrices(
    registrar: AdapterOf<typeof registrarPort>,
    { markupPercent }: { markupPercent?: number } = {},
  ): Promise<PriceImport> {
    if (!supports(registrar, registrarPort, 'price-list')) {
      throw new PortError('unsupported', 'This registrar shows no price list: set the costs by hand.');
    }
    const list = await registrar.listPrices();
    if (list.length === 0)
      throw new PortError('wrong-state', "The registrar's price list is empty: nothing was changed.");
    return inTransaction(this.dataSource, async (manager) => {
      const added = markupPercent === undefined ? [] : await this.add(manager, list, markupPercent);
      const known = await this.store(manager, list);
      const notBought = await this.forget(manager, list);
      return {
        known,
        added,
        notSold: list
          .map(({ tld }) => tld)
          .filter((tld) => !known.includes(tld))
          .sort(),
        notBought,
        belowCost: await this.belowCost(manager),
      };
    });
  }

  private async add(manager: EntityManager, list: readonly ListedPrice[], markup: number): Promise<string[]> {
    const asked = ({ amount }: { amount: number }) =>
      Math.max(0, Math.ceil((amount * (100 + markup)) / 10_000) * 100 - 1);
    const rows = await manager.query<{ tld: string }[]>(
      `INSERT INTO tld_prices (id, tld, currency, register_amount, renew_amount, transfer_amount)
       SELECT id, tld, currency, register, renew, transfer
         FROM unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::int[], $6::int[]) AS t (id, tld, currency, register, renew, transfer)
        WHERE NOT EXISTS (SELECT FROM tld_prices known WHERE known.tld = t.tld)
       ON CONFLICT DO NOTHING RETURNING tld`,
      [
        list.map(() => newId()),
        list.map(({ tld }) => tld),
        list.map(({ register }) => register.currency),
        list.map(({ register }) => asked(register)),
        list.map(({ renew }) => asked(renew)),
        list.map(({ transfer }) => asked(transfer)),
      ],
    );
    return rows.map(({ tld }) => tld).sort();
  }

  private async store(manager: EntityManager, list: readonly ListedPrice[]): Promise<string[]> {
    const [rows] = await manager.query<[{ tld: string }[], number]>(
      `UPDATE tld_prices SET cost_currency = t.currency, register_cost = t.register, renew_cost = t.renew, transfer_cost = t.transfer,
              costs_at = now(), updated_at = now()
         FROM unnest($1::text[], $2::text[], $3::int[], $4::int[], $5::int[]) AS t (tld, currency, register, renew, transfer)
        WHERE tld_prices.tld = t.tld RETURNING tld_prices.tld`,
      [
        list.map(({ tld }) => tld),
        list.map(({ register }) => register.currency),
        list.map(({ register }) => register.amount),
        list.map(({ renew }) => renew.amount),
        list.map(({ transfer }) => transfer.amount),
      ],
    );
    return [...new Set(rows.map(({ tld }) => tld))].sort();
  }

  private async forget(manager: EntityManager, list: readonly ListedPrice[]): Promise<string[]> {
    const [rows] = await manager.query<[{ tld: string }[], number]>(
      `UPDATE tld_prices SET cost_currency = NULL, register_cost = NULL, renew_cost = NULL, transfer_cost = NULL, costs_at = NULL,
              updated_at = now()
        WHERE tld <> ALL ($1::text[]) RETURNING tld`,
      [list.map(({ tld }) => tld)],
    );
    return [...new Set(rows.map(({ tld }) => tld))].sort();
  }

  private async belowCost(manager: EntityManager): Promise<PriceImport['belowCost']> {
    return manager.query(
      `SELECT tld, array_remove(ARRAY[CASE WHEN register_amount < register_cost THEN 'register' END,
                                      CASE WHEN renew_amount < renew_cost THEN 'renew' END,
                                      CASE WHEN transfer_amount < transfer_cost THEN 'transfer' END], NULL) AS what
         FROM tld_prices
        WHERE cost_currency = currency
          AND (register_amount < register_cost OR renew_amount < renew_cost OR transfer_amount < transfer_cost)
        ORDER BY tld`,
    );
  }
}
