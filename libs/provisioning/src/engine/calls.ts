/** Wake-ups of a task that come while this process is at it: instead of a second drive, the first one looks again. */
export class Calls {
  private made = 0;
  private answered = 0;
  private heard?: () => void;

  /** How many were made so far. */
  get count(): number {
    return this.made;
  }

  /** Whether somebody called since the last answer. */
  get pending(): boolean {
    return this.made > this.answered;
  }

  /** Somebody wants the task looked at. Repeating it before an answer is one call more to answer, not one more look. */
  call(): void {
    this.made += 1;
    this.heard?.();
  }

  /** What was called for is looked at now. */
  answer(): void {
    this.answered = this.made;
  }

  /** Resolves at the next call; at once when one is pending. */
  next(): Promise<void> {
    return this.pending ? Promise.resolve() : new Promise((resolve) => (this.heard = resolve));
  }
}
