/**
 * How many new tasks one process takes up at the same time. Taking up is work for the database alone, and two hundred orders at once would
 * slow down those that vendors wait for: they come in a few at a time, while everything that was begun goes on.
 */
export class Openings {
  private readonly waiting: (() => void)[] = [];

  constructor(private free: number) {}

  /** Resolves when there is a place, with the function that gives it back; calling that again does nothing. */
  async enter(): Promise<() => void> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const next = this.waiting.shift();
      if (next === undefined) this.free += 1;
      else next();
    };
  }
}
