import { fractionOf } from '@keelson/core';

const hour = 3_600_000;
const day = 24 * hour;

/** So long nothing but failures, with no valid certificate left, and nobody tries any more by himself. */
export const giveUpAfterMs = 30 * day;

/**
 * Pause after a try: an hour, doubled with every failure up to a day, and never more than an eighth of what the certificate still
 * lives, so that short lives get as many tries as long ones. Never below an hour: authorities count failed looks by the hour (Let's
 * Encrypt: five for a name). Milliseconds.
 * @param attempt tries so far, that one included
 * @param leftMs what the present certificate still lives; undefined or negative when there is none
 * @param serviceId spreads the pauses of many services over a fifth of the pause
 */
export function pauseAfter(attempt: number, leftMs: number | undefined, serviceId: string): number {
  const most = leftMs === undefined || leftMs <= 0 ? day : Math.min(day, leftMs / 8);
  const pause = Math.max(hour, Math.min(most, hour * 2 ** Math.min(Math.max(attempt, 1) - 1, 10)));
  return Math.round(pause * (1 + fractionOf(serviceId) / 5));
}
