/** Ways in which a vendor misbehaves. */
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
  | 'slow-drip';

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

/** The faults that are switched on. */
export class FaultSwitches {
  private list: Fault[] = [];
  private state: number;

  constructor(seed = 1) {
    this.state = seed >>> 0 || 1;
  }

  set(...faults: Fault[]): void {
    this.list.push(...faults.map((fault) => ({ ...fault })));
  }

  clear(): void {
    this.list = [];
  }

  active(): Fault[] {
    return this.list.map((fault) => ({ ...fault }));
  }

  /** The fault that hits this request, if any, with its count taken down. */
  take(subject: string): Fault | undefined {
    for (const fault of this.list) {
      if (fault.match !== undefined && !subject.includes(fault.match)) continue;
      if (fault.chance !== undefined && this.random() >= fault.chance) continue;
      if (fault.times !== undefined) {
        fault.times -= 1;
        if (fault.times <= 0) this.list = this.list.filter((other) => other !== fault);
      }
      return { ...fault };
    }
    return undefined;
  }

  /** mulberry32: small, seeded, good enough to draw faults. */
  private random(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }
}
