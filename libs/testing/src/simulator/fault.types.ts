/** Ways in which a vendor misbehaves. `exhausted`: no money or no room is left for what this call wants, in the vendor's own words. */
export type FaultKind =
  | 'latency'
  | 'drop-before'
  | 'drop-after'
  | 'rate-limit'
  | 'rate-limit-silent'
  | 'server-error'
  | 'unavailable'
  | 'html'
  | 'truncated'
  | 'huge'
  | 'slow-drip'
  | 'exhausted';

export interface Fault {
  kind: FaultKind;
  /** Only requests whose operation or path contains this text; absent: all. */
  match?: string;
  /** How many requests it hits; absent: until cleared. */
  times?: number;
  /** For `latency`: milliseconds. For `rate-limit`: seconds of `Retry-After`. */
  value?: number;
  /** Chance per request, 0 to 1, drawn from a seeded generator. Absent: always. */
  chance?: number;
}
