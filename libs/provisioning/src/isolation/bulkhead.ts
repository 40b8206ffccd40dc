/** How much of this process one connection may take: so many steps at a time, and no more, however long they hang. */
export class Bulkhead {
  private readonly busy = new Map<string, number>();

  constructor(private readonly places: number) {}

  /** Takes a place at the connection. False when all are taken; then nothing changed. */
  enter(connectionId: string): boolean {
    if (this.free(connectionId) < 1) return false;
    this.busy.set(connectionId, (this.busy.get(connectionId) ?? 0) + 1);
    return true;
  }

  /** Gives a place back, once for each `enter` that was true. */
  leave(connectionId: string): void {
    const left = (this.busy.get(connectionId) ?? 0) - 1;
    if (left > 0) this.busy.set(connectionId, left);
    else this.busy.delete(connectionId);
  }

  free(connectionId: string): number {
    return this.places - (this.busy.get(connectionId) ?? 0);
  }
}
