import type { Service } from '@keelson/hosting';

/** Whether the service is exempt from suspension at that time. */
export function isExempt({ suspendExemptUntil }: Pick<Service, 'suspendExemptUntil'>, at: Date): boolean {
  return suspendExemptUntil !== null && suspendExemptUntil > at;
}
