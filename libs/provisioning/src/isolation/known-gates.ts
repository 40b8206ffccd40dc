import type { DataSource } from 'typeorm';

/** Milliseconds for which a list of the gates is trusted. */
const freshMs = 1_000;

/**
 * Which connections have a gate that is of any consequence now: a limit, a pause, failures, or steps that wait. Read at most once a
 * second, so that all other connections cost nothing.
 */
export class KnownGates {
  private ids = new Set<string>();
  /** Seen while a list is read, which may not have them yet. */
  private seen = new Set<string>();
  private readAt = Number.NEGATIVE_INFINITY;
  private reading?: Promise<void>;

  constructor(private readonly dataSource: DataSource) {}

  async has(connectionId: string): Promise<boolean> {
    if (performance.now() - this.readAt > freshMs) await (this.reading ??= this.read());
    return this.ids.has(connectionId);
  }

  /** This process has just seen the gate: it need not wait for the next reading. */
  add(connectionId: string): void {
    this.ids.add(connectionId);
    this.seen.add(connectionId);
  }

  private async read(): Promise<void> {
    this.seen = new Set();
    try {
      const rows = await this.dataSource.query<{ id: string }[]>(
        `SELECT connection_id AS id FROM connection_gates
          WHERE concurrency IS NOT NULL OR rate_per_second IS NOT NULL OR failures > 0 OR opened_at IS NOT NULL
             OR not_before > clock_timestamp()
         UNION SELECT connection_id FROM connection_line`,
      );
      this.ids = new Set([...rows.map(({ id }) => id), ...this.seen]);
      this.readAt = performance.now();
    } finally {
      this.reading = undefined;
    }
  }
}
