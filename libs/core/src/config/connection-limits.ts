import { below, type ConfigReader } from './config-reader.js';

/** How much of a vendor's account the engine may use. One use is one step of a task: a look and what it does, usually 1 to 4 requests. */
export interface ConnectionLimits {
  /** Uses at once, of all workers together. */
  concurrency?: number;
  /** Uses a second, on average. */
  ratePerSecond?: number;
  /** Uses that may come together after a quiet time. Default: those of one second, at least one. */
  burst?: number;
}

const names = ['concurrency', 'ratePerSecond', 'burst'] as const;

/** Reads the entry `limits` of a connection; what is wrong is told to the reader. */
export function readLimits(reader: ConfigReader, value: unknown, path: string): ConnectionLimits {
  const entry = reader.mapping(value, path, names);
  const read = (name: (typeof names)[number]) => {
    const at = below(path, name);
    const written = entry[name];
    if (written === undefined || written === null || written === '') return {};
    const number = name === 'ratePerSecond' ? reader.amount(written, at) : reader.count(written, at);
    return number === undefined ? {} : { [name]: number };
  };
  return { ...read('concurrency'), ...read('ratePerSecond'), ...read('burst') };
}

/** What counts for a connection: what was set for it, else what its plugin says of the vendor. */
export function effectiveLimits(own: ConnectionLimits = {}, ofPlugin: ConnectionLimits = {}): ConnectionLimits {
  const concurrency = own.concurrency ?? ofPlugin.concurrency;
  const ratePerSecond = own.ratePerSecond ?? ofPlugin.ratePerSecond;
  const burst = own.burst ?? (own.ratePerSecond === undefined ? ofPlugin.burst : undefined);
  return {
    ...(concurrency !== undefined && { concurrency }),
    ...(ratePerSecond !== undefined && { ratePerSecond, burst: burst ?? Math.max(1, Math.ceil(ratePerSecond)) }),
  };
}

/** What is wrong with the limits of a manifest. */
export function limitsProblems(limits: ConnectionLimits = {}): string[] {
  return names
    .filter((name) => limits[name] !== undefined)
    .filter((name) => !(limits[name]! > 0 && (name === 'ratePerSecond' || Number.isSafeInteger(limits[name]))))
    .map(
      (name) =>
        `its limit ${name} is ${limits[name]}: it must be ${name === 'ratePerSecond' ? '' : 'whole and '}above 0`,
    );
}
