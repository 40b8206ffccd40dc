/** So many objects may always change: a percentage of few is less than one. */
const always = 3;

/** Most objects that may change at once among `total`. */
export function brakeLimit(total: number, percent: number): number {
  return Math.max(always, Math.floor((total * percent) / 100));
}

/**
 * Why a vendor's list is not to be believed, or undefined. Empty although we believe that something is there, or shorter by
 * more than the brake than the last list that was believed, or lacking more of ours: a wrong token and a vendor's bug look
 * like this much more often than a mass deletion does.
 */
export function suspicionOf(
  list: { listed: number; believed: number; missing: number; lastListed: number },
  percent: number,
): 'empty' | 'shrunk' | undefined {
  const { listed, believed, missing, lastListed } = list;
  if (listed === 0 && believed > 0) return 'empty';
  const gone = lastListed - listed > brakeLimit(lastListed, percent);
  return gone || missing > brakeLimit(believed, percent) ? 'shrunk' : undefined;
}
