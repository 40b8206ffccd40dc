import { BadDay } from './bad-day.js';
import type { Fault } from './fault.types.js';

/** The faults that are switched on, and behind them the vendor's bad day, if it has one. */
export class FaultSwitches {
  private list: Fault[] = [];
  private state: number;
  /** Undefined on an ordinary day. */
  readonly badDay?: BadDay;

  /**
   * @param options.seed of the chances of faults
   * @param options.badDay seed of a bad day; absent: nothing happens but what is switched on
   */
  constructor({ seed = 1, badDay }: { seed?: number; badDay?: number } = {}) {
    this.state = seed >>> 0 || 1;
    if (badDay !== undefined) this.badDay = new BadDay(badDay);
  }

  set(...faults: Fault[]): void {
    this.list.push(...faults.map((fault) => ({ ...fault })));
  }

  /** Switches off what was switched on; a bad day goes on. */
  clear(): void {
    this.list = [];
  }

  active(): Fault[] {
    return this.list.map((fault) => ({ ...fault }));
  }

  /**
   * The fault that hits this request, if any, with its count taken down.
   * @param detail what beside the operation a fault may match: a path, an address
   */
  take(operation: string, detail = ''): Fault | undefined {
    const subject = `${operation} ${detail}`;
    for (const fault of this.list) {
      if (fault.match !== undefined && !subject.includes(fault.match)) continue;
      if (fault.chance !== undefined && this.random() >= fault.chance) continue;
      if (fault.times !== undefined) {
        fault.times -= 1;
        if (fault.times <= 0) this.list = this.list.filter((other) => other !== fault);
      }
      return { ...fault };
    }
    return this.badDay?.befalls(operation);
  }

  /** mulberry32: small, seeded, good enough to draw faults. */
  private random(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }
}
