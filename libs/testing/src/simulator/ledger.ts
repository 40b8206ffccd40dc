export interface LedgerEntry {
  /** Milliseconds since 1970. */
  at: number;
  /** Vendor's name of the operation, such as `createacct` or `POST /zones`. */
  operation: string;
  /** What the operation was about: a user name, a zone, an address. */
  subject?: string;
  /** HTTP status, or another code of the vendor. */
  outcome: string;
  /** Milliseconds from the arrival of the call to its answer; absent where the vendor does not measure. */
  tookMs?: number;
  /** Whether the vendor's state changed. */
  changed: boolean;
}

/** What the vendor saw: every call, in order, whatever became of its answer. Kept apart from Keelson's own records. */
export class Ledger {
  private readonly list: LedgerEntry[] = [];

  /** Adds an entry; the oldest ones go beyond 20,000. */
  add(entry: LedgerEntry): void {
    this.list.push(entry);
    if (this.list.length > 20_000) this.list.shift();
  }

  /** Entries, oldest first, of one operation or of all. */
  entries(operation?: string): LedgerEntry[] {
    return operation === undefined ? [...this.list] : this.list.filter((entry) => entry.operation === operation);
  }

  clear(): void {
    this.list.length = 0;
  }
}
