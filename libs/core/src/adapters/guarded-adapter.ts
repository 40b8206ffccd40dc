import { isPortError, PortError } from '../errors/port-error.js';
import type { AdapterOf, AnyPort } from '../ports/port.js';
import { withCapabilities } from '../ports/port.js';
import { redact } from '../secrets/redact.js';
import { currentCall, runCall } from './call.js';

/** One finished call, for logs and metrics. Holds neither arguments nor results. */
export interface CallRecord {
  connection: string;
  port: string;
  method: string;
  durationMs: number;
  /** `ok`, or the code of the `PortError`. */
  outcome: string;
  /** For operators; redacted. */
  detail?: string;
}

export interface GuardOptions {
  /** Name of the connection, for logs. */
  connection: string;
  port: AnyPort;
  capabilities: readonly string[];
  /** Called once per call, after it. */
  record?: (call: CallRecord) => void;
  /** Overrides every deadline, in milliseconds. */
  deadlineMs?: number;
}

const defaultDeadlineMs = 30_000;

/**
 * Wraps an adapter in what all adapters need: a deadline and an abort signal per call, one redacted record per call, errors
 * normalised to `PortError`, and text without bytes that a database refuses.
 *
 * A call that runs into its deadline ends as `unavailable` when it only reads and as `outcome-unknown` otherwise, even if
 * the adapter ignores the signal. Adapters contain none of this.
 */
export function guardAdapter<P extends AnyPort>(adapter: object, options: GuardOptions & { port: P }): AdapterOf<P> {
  const { port, capabilities } = options;
  const names: string[] = [
    ...(port.methods as string[]),
    ...capabilities.flatMap((c) => (port.capabilities as Record<string, string[]>)[c] ?? []),
  ];
  const guarded: Record<string, unknown> = {};
  for (const name of names) {
    const method = (adapter as Record<string, unknown>)[name];
    if (typeof method !== 'function') {
      throw new TypeError(
        `the adapter ${port.id} of ${options.connection} lacks the method ${name}: write it, or drop its capability`,
      );
    }
    guarded[name] = (...args: unknown[]) =>
      guardedCall(name, options, () => (method as (...a: unknown[]) => Promise<unknown>).apply(adapter, args));
  }
  return withCapabilities(guarded, capabilities) as unknown as AdapterOf<P>;
}

async function guardedCall(method: string, options: GuardOptions, work: () => Promise<unknown>): Promise<unknown> {
  const { port } = options;
  const reads = port.reads.includes(method);
  const deadlineMs = options.deadlineMs ?? port.deadlines?.[method] ?? defaultDeadlineMs;
  const outer = currentCall();
  const ending = new AbortController();
  const { signal } = ending;
  const end = () => ending.abort();
  const started = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(afterAbort(reads, outer.signal.aborted)), { once: true });
    timer = setTimeout(end, deadlineMs);
    // By hand: AbortSignal.any costs as much as all the rest, and leaves something behind at signals that live long.
    outer.signal.addEventListener('abort', end, { once: true });
    if (outer.signal.aborted) end();
  });
  let outcome = 'ok';
  let detail: string | undefined;
  try {
    const result = await Promise.race([runCall({ ...outer, signal }, async () => work()), late]);
    return cleanText(result);
  } catch (thrown) {
    const error = normalise(thrown);
    outcome = error.code;
    detail = describe(error);
    throw error;
  } finally {
    clearTimeout(timer);
    outer.signal.removeEventListener('abort', end);
    late.catch(() => undefined);
    options.record?.({
      connection: options.connection,
      port: port.id,
      method,
      durationMs: Math.round((performance.now() - started) * 100) / 100,
      outcome,
      ...(detail === undefined ? {} : { detail }),
    });
  }
}

function afterAbort(reads: boolean, cancelled: boolean): PortError {
  const why = cancelled ? 'was cancelled' : 'took too long';
  return reads
    ? new PortError('unavailable', `The provider's answer ${why}.`)
    : new PortError('outcome-unknown', `The provider's answer ${why}; whether it acted is being checked.`);
}

/** Anything thrown becomes a `PortError` with a bounded, redacted text. */
export function normalise(thrown: unknown): PortError {
  if (isPortError(thrown)) {
    return new PortError(thrown.code, redact(thrown.message).slice(0, 500), {
      retryAfterMs: thrown.retryAfterMs,
      alone: thrown.alone,
      details: cleanDetails(thrown.details),
      cause: thrown.cause,
    });
  }
  return new PortError('internal', 'The provider answered in an unexpected way.', {
    cause: thrown,
    details: { vendor: { message: redact(textOf(thrown)).slice(0, 300) } },
  });
}

function cleanDetails(details: PortError['details'] | undefined): PortError['details'] {
  const vendor = details?.vendor;
  if (vendor === undefined) return {};
  return {
    vendor: { ...vendor, ...(vendor.message === undefined ? {} : { message: redact(vendor.message).slice(0, 300) }) },
  };
}

function textOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? `${thrown.name}: ${thrown.message}`.slice(0, 2000) : String(thrown).slice(0, 2000);
  } catch {
    return 'a value that has no text';
  }
}

function describe(error: PortError): string {
  const { code, status, message } = error.details.vendor ?? {};
  return [status, code, message ?? error.message].filter((part) => part !== undefined).join(' ');
}

/** Removes NUL and lone surrogates from every string below `value`: Postgres text and JSON refuse them. */
function cleanText<T>(value: T, depth = 0): T {
  if (typeof value === 'string') return value.toWellFormed().replaceAll('\0', '') as T;
  if (value === null || typeof value !== 'object' || depth > 8 || value instanceof Date || value instanceof RegExp)
    return value;
  if (Array.isArray(value)) return value.map((item) => cleanText(item as unknown, depth + 1)) as T;
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, cleanText(v as unknown, depth + 1)])) as T;
}
