import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds for which one new task may keep the others waiting: usual ones are at their first vendor sooner. */
const patienceMs = 100;

/**
 * Lets new tasks in one after the other. Taking up is work for the database alone, and two hundred orders at once would slow down those that
 * vendors wait for: they come in as fast as one gets to its vendor, while everything that was begun goes on.
 */
export class Openings {
  private last: Promise<unknown> = Promise.resolve();

  /** Resolves when it is this task's turn, with the function that lets in the next; one that forgets does not keep it waiting for long. */
  async enter(): Promise<() => void> {
    const before = this.last;
    let leave!: () => void;
    const left = new Promise<void>((resolve) => (leave = resolve));
    this.last = before.then(() => Promise.race([left, sleep(patienceMs, undefined, { ref: false })]));
    await before;
    return leave;
  }
}
