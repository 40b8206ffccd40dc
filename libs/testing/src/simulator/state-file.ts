import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * A simulator's state, kept in one JSON file when a folder is given. `save` is complete when it returns, so that a killed
 * simulator remembers everything it has acknowledged.
 */
export class StateFile<T extends object> {
  readonly data: T;
  private readonly path?: string;

  /** @param empty state of a simulator that starts for the first time */
  constructor(home: string | undefined, name: string, empty: T) {
    this.path = home === undefined ? undefined : join(home, `${name}.json`);
    this.data =
      this.path !== undefined && existsSync(this.path) ? (JSON.parse(readFileSync(this.path, 'utf8')) as T) : empty;
  }

  save(): void {
    if (this.path === undefined) return;
    mkdirSync(dirname(this.path), { recursive: true });
    writeFileSync(`${this.path}.new`, JSON.stringify(this.data));
    renameSync(`${this.path}.new`, this.path);
  }
}
