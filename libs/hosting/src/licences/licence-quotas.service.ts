import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { LicenceNotFoundError } from './licence.errors.js';
import type { LicenceResource } from './licence.types.js';

/** Seconds in which a panel creates what it was permitted, and reports it. */
const holdSeconds = 300;

/** Holds that have not run out, oldest first. */
const live = 'array(SELECT hold FROM unnest(usage.holds) AS hold WHERE hold > now() ORDER BY hold)';

/**
 * Counts what licences are used for. A permission holds a place until the panel reports what it created, or for five minutes, so
 * that permissions given at the same time never exceed the maximum.
 */
@Injectable()
export class LicenceQuotas {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /**
   * Permits one more, in one statement. Each call is a permission of its own.
   * @returns how many were free, this one included; undefined when none is
   */
  async permit(licenceId: string, resource: LicenceResource): Promise<number | undefined> {
    const [rows] = await this.dataSource.query<[{ free: number }[], number]>(
      `UPDATE licence_usage AS usage SET holds = ${live} || (now() + $3 * interval '1 second')
        WHERE licence_id = $1 AND resource = $2 AND used + cardinality(${live}) < maximum
       RETURNING maximum - used - cardinality(holds) + 1 AS free`,
      [licenceId, resource, holdSeconds],
    );
    return rows[0]?.free;
  }

  /**
   * Takes over what the panel reports: so many more, or fewer. What it created uses up as many permissions. The number never
   * falls below zero; it may exceed the maximum, because what is there is there.
   * @throws LicenceNotFoundError
   */
  async report(
    licenceId: string,
    resource: LicenceResource,
    delta: number,
  ): Promise<{ current: number; maximum: number }> {
    const [rows] = await this.dataSource.query<[{ current: number; maximum: number }[], number]>(
      `UPDATE licence_usage AS usage SET used = greatest(0, used + $3), holds = (${live})[greatest(0, $3) + 1:]
        WHERE licence_id = $1 AND resource = $2 RETURNING used AS current, maximum`,
      [licenceId, resource, delta],
    );
    const [row] = rows;
    if (row === undefined) throw new LicenceNotFoundError();
    return row;
  }
}
