import pg from 'pg';

/** A text that this process has run so often runs on prepared. */
const repeats = 8;
/** Statements that one process prepares at most: each takes some kilobytes in every connection. */
const mostPrepared = 250;
/** Texts that are counted at a time. Those that are made up as they go (lists of placeholders) come and go. */
const mostCounted = 2_000;

/** Texts with values, by how often they were run; those that repeat get a name. */
class RepeatedTexts {
  private readonly names = new Map<string, string>();
  private counts = new Map<string, number>();

  /** The name under which the text is prepared from now on, or undefined. */
  nameOf(text: string): string | undefined {
    const name = this.names.get(text);
    if (name !== undefined || this.names.size >= mostPrepared) return name;
    // The columns that a star stands for may change under a prepared statement, and then it fails.
    if (/[\s.,]\*|^\s*(BEGIN|START|COMMIT|ROLLBACK|SET|LISTEN)\b/i.test(text)) return undefined;
    const count = (this.counts.get(text) ?? 0) + 1;
    if (count >= repeats) {
      this.counts.delete(text);
      const made = `repeated_${this.names.size + 1}`;
      this.names.set(text, made);
      return made;
    }
    if (this.counts.size >= mostCounted) this.counts = new Map();
    this.counts.set(text, count);
    return undefined;
  }
}

const texts = new RepeatedTexts();

type AnyQuery = (config: unknown, values?: unknown, callback?: unknown) => unknown;

/**
 * A connection on which statements that repeat are prepared by themselves: parsed once, and soon no longer planned, which costs more
 * than most of them take to run ("PREPARE" in the Postgres documentation). Nothing else about them changes.
 */
export class PreparingClient extends pg.Client {
  override query = ((config: unknown, values?: unknown, callback?: unknown) => {
    const name = typeof config === 'string' && Array.isArray(values) && values.length > 0 && texts.nameOf(config);
    const wanted = name ? { name, text: config } : config;
    return (super.query as AnyQuery).call(this, wanted, values, callback);
  }) as pg.Client['query'];
}
