import type { DataSource } from 'typeorm';
import { type Claim, Journal, type StepState } from '../src/index.js';
import { NoWakeUps } from './no-wake-ups.js';

/**
 * Where a worker dies in a step: after it claimed it, after it noted that the effect does not exist, after the vendor acted
 * but before that is recorded, or after it was recorded.
 */
export const deaths = ['claimed', 'noted', 'acted', 'recorded'] as const;
/** `began`: after the vendor began what takes time, but before that is recorded. */
export type Death = (typeof deaths)[number] | 'began';

const outcomes: Partial<Record<StepState, 'forward' | 'undo'>> = { completed: 'forward', compensated: 'undo' };

/** The journal of a worker that dies in one step: from that moment on nothing that it writes arrives. */
export class DyingJournal extends Journal {
  dead = false;

  constructor(
    dataSource: DataSource,
    private readonly step: string,
    private readonly death: Death,
    /** Whether it dies while it does the step, or while it takes the step back. */
    private readonly direction: 'forward' | 'undo' = 'forward',
  ) {
    super(dataSource, new NoWakeUps());
  }

  override claim(...args: Parameters<Journal['claim']>): Promise<Claim | undefined> {
    return this.live(async () => {
      const claim = this.dieAfter('claimed', 'forward', await super.claim(...args));
      // What a look saw before the claim is noted with it.
      return args[2]?.absent === true ? this.dieAfter('noted', 'forward', claim) : claim;
    });
  }

  override claimUndo(stepId: string, worker: string): Promise<Claim | undefined> {
    return this.live(async () => this.dieAfter('claimed', 'undo', await super.claimUndo(stepId, worker)));
  }

  override noteAbsent(claim: Claim): Promise<boolean> {
    return this.live(async () => {
      const noted = await super.noteAbsent(claim);
      this.dieAfter('noted', 'forward', claim);
      return noted;
    });
  }

  override record(...[claim, outcome, also]: Parameters<Journal['record']>): Promise<boolean> {
    const direction = outcomes[outcome.state];
    return this.live(async () => {
      this.dieAfter('acted', direction, claim);
      if (outcome.state === 'waiting') this.dieAfter('began', 'forward', claim);
      const written = await super.record(claim, outcome, also);
      this.dieAfter('recorded', direction, claim);
      return written;
    });
  }

  override skip(...args: Parameters<Journal['skip']>): Promise<boolean> {
    return this.live(() => super.skip(...args));
  }

  override decide<T>(...args: Parameters<Journal['decide']>): Promise<T> {
    return this.live(() => super.decide(...args) as Promise<T>);
  }

  private dieAfter<C extends Claim | undefined>(death: Death, direction: 'forward' | 'undo' | undefined, claim: C): C {
    if (death !== this.death || direction !== this.direction || claim?.name !== this.step) return claim;
    this.dead = true;
    throw new Error('killed');
  }

  private live<T>(work: () => Promise<T>): Promise<T> {
    return this.dead ? Promise.reject(new Error('killed')) : work();
  }
}
