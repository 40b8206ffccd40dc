/** Reads a parsed document entry by entry and collects what is wrong, each with the path of its entry. */
export class ConfigReader {
  readonly problems: string[] = [];

  problem(path: string, message: string): undefined {
    this.problems.push(`${path}: ${message}`);
    return undefined;
  }

  /** The entries of a mapping; an absent one is empty. Given `known`, other keys are refused. */
  mapping(value: unknown, path: string, known?: readonly string[]): Record<string, unknown> {
    if (value === undefined || value === null) return {};
    if (typeof value !== 'object' || Array.isArray(value)) {
      this.problem(path, 'must be a mapping');
      return {};
    }
    const strange = known === undefined ? [] : Object.keys(value).filter((key) => !known.includes(key));
    for (const key of strange) this.problem(below(path, key), `unknown entry; known: ${known?.join(', ')}`);
    return Object.fromEntries(Object.entries(value).filter(([key]) => !strange.includes(key)));
  }

  list(value: unknown, path: string): unknown[] {
    if (value === undefined || value === null) return [];
    if (Array.isArray(value)) return value;
    this.problem(path, 'must be a list');
    return [];
  }

  text(value: unknown, path: string): string | undefined {
    return typeof value === 'string' && value.trim() !== ''
      ? value.trim()
      : this.problem(path, 'must be a text that is not empty');
  }

  optionalText(value: unknown, path: string): string | undefined {
    return value === undefined || value === null || value === '' ? undefined : this.text(value, path);
  }

  /** A whole number, also as text, since it may come from a variable. */
  count(value: unknown, path: string): number | undefined {
    const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
    if (typeof number === 'number' && Number.isSafeInteger(number) && number > 0) return number;
    return this.problem(path, 'must be a whole number above 0');
  }

  /** A number, also as text. */
  amount(value: unknown, path: string): number | undefined {
    const number = typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value;
    if (typeof number === 'number' && Number.isFinite(number) && number > 0) return number;
    return this.problem(path, 'must be a number above 0');
  }
}

export function below(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
