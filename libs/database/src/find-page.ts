import type { EntityManager, EntityTarget, FindManyOptions, ObjectLiteral } from 'typeorm';

/** A total is counted up to here: beyond it, counting would read what nobody pages through. */
export const mostCounted = 10_000;

/**
 * A page of rows and how many there are in all, at most `mostCounted`: what a page costs depends on the page, not on what is stored.
 * @param options what `EntityManager.find` takes, with the page's length in `take` and the rows before it in `skip`
 * @returns the rows, and the total
 * @throws QueryFailedError as every query does
 */
export async function findPage<Entity extends ObjectLiteral>(
  manager: EntityManager,
  entity: EntityTarget<Entity>,
  options: FindManyOptions<Entity> & { take: number; skip: number },
): Promise<[Entity[], number]> {
  const items = await manager.find(entity, options);
  const end = options.skip + items.length;
  // A page that is not full is the last one.
  if (items.length < options.take && (items.length > 0 || options.skip === 0)) return [items, end];
  const { where } = options;
  const [sql, values] = manager
    .createQueryBuilder(entity, 'counted')
    .setFindOptions(where === undefined ? {} : { where })
    .select('1')
    .limit(mostCounted)
    .getQueryAndParameters();
  const [row] = await manager.query<{ total: number }[]>(`SELECT count(*)::int AS total FROM (${sql}) counted`, values);
  const counted = row?.total ?? 0;
  return [items, items.length > 0 ? Math.max(counted, end) : counted];
}
