import { setTimeout as sleep } from 'node:timers/promises';
import { currentCall, PortError } from '@keelson/core';
import { Ledger } from '../simulator/ledger.js';

/** How calls of a memory adapter go wrong. */
export interface MemoryFault {
  /** Name of the method it hits; absent: all. */
  method?: string;
  /** Only calls about this (a user name, an address); absent: all. */
  subject?: string;
  /** How many calls it hits; absent: until cleared. */
  times?: number;
  /** Milliseconds that the call takes longer. `Infinity` never ends, except by the abort signal. */
  delayMs?: number;
  /** Thrown, whatever it is. */
  error?: unknown;
  /** `after`: the vendor acts first, and then the delay and the error spoil its answer. Default `before`. */
  when?: 'before' | 'after';
}

/** What a call did, for the ledger. */
export interface MemoryCall {
  changed: boolean;
}

/** The calls of a memory adapter: a ledger of all of them, and the faults that hit them. Belongs to the vendor, not the adapter. */
export class MemoryCalls {
  readonly ledger = new Ledger();
  private faults: MemoryFault[] = [];

  set(...faults: MemoryFault[]): void {
    this.faults.push(...faults.map((fault) => ({ ...fault })));
  }

  clear(): void {
    this.faults = [];
  }

  /** The vendor does what the next call of this method asks, but its answer is lost. */
  loseNextAnswer(method: string): void {
    const error = new PortError('outcome-unknown', 'The connection to the provider broke off.');
    this.set({ method, times: 1, error, when: 'after' });
  }

  /**
   * Runs one call with whatever fault is set for it.
   * @param act what the vendor does; it is told where to note a change
   */
  async run<T>(method: string, subject: string | undefined, act: (call: MemoryCall) => T): Promise<T> {
    const fault = this.take(method, subject);
    const call: MemoryCall = { changed: false };
    let outcome = 'dropped';
    try {
      if (fault?.when !== 'after') await strike(fault, 'unavailable');
      const result = act(call);
      if (fault?.when === 'after') await strike(fault, 'outcome-unknown');
      outcome = 'ok';
      return result;
    } catch (thrown) {
      if (thrown instanceof PortError) outcome = thrown.code;
      throw thrown;
    } finally {
      const about = subject === undefined ? {} : { subject };
      this.ledger.add({ at: Date.now(), operation: method, ...about, outcome, changed: call.changed });
    }
  }

  private take(method: string, subject: string | undefined): MemoryFault | undefined {
    const fault = this.faults.find(
      (one) => (one.method ?? method) === method && (one.subject === undefined || one.subject === subject),
    );
    if (fault?.times !== undefined) {
      fault.times -= 1;
      if (fault.times <= 0) this.faults = this.faults.filter((other) => other !== fault);
    }
    return fault;
  }
}

const longestDelayMs = 2 ** 31 - 1;

async function strike(fault: MemoryFault | undefined, aborted: 'unavailable' | 'outcome-unknown'): Promise<void> {
  const { signal } = currentCall();
  try {
    if (fault?.delayMs !== undefined) await sleep(Math.min(fault.delayMs, longestDelayMs), undefined, { signal });
    signal.throwIfAborted();
  } catch {
    throw new PortError(aborted, 'The call was given up.');
  }
  if (fault !== undefined && 'error' in fault) throw fault.error;
}
