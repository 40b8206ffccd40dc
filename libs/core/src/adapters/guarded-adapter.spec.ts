import { getEventListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import type { PortErrorCode } from '../errors/port-error.js';
import { isPortError, PortError } from '../errors/port-error.js';
import { definePort } from '../ports/port.js';
import { currentCall, runCall } from './call.js';
import type { CallRecord } from './guarded-adapter.js';
import { guardAdapter } from './guarded-adapter.js';

interface BoxPort {
  getBox(id: string): Promise<unknown>;
  putBox(id: string, content?: unknown): Promise<unknown>;
}
type BoxExtras = { lid: { closeLid(id: string): Promise<void> } };
const boxPort = definePort<BoxPort, BoxExtras>({
  id: 'box',
  version: 1,
  methods: ['getBox', 'putBox'],
  capabilities: { lid: ['closeLid'] },
  reads: ['getBox'],
  deadlines: { putBox: 40 },
});

const echo: BoxPort = { getBox: async (id) => id, putBox: async (_id, content) => content };

function guard(adapter: Partial<BoxPort>, options: { deadlineMs?: number; capabilities?: string[] } = {}) {
  const records: CallRecord[] = [];
  const guarded = guardAdapter(
    { ...echo, ...adapter },
    { connection: 'box on shelf', port: boxPort, capabilities: [], record: (call) => records.push(call), ...options },
  );
  return { guarded, records };
}

async function failure(work: Promise<unknown>): Promise<PortError> {
  const outcome: unknown = await work.then(
    () => 'success',
    (error: unknown) => error,
  );
  expect(isPortError(outcome)).toBe(true);
  return outcome as PortError;
}

const circular: Record<string, unknown> = { code: 'E' };
circular['self'] = circular;
const circularError: Error & { self?: unknown } = new Error('round');
circularError.self = circularError;
const hostile = {
  get message(): string {
    throw new Error('gotcha');
  },
  toString(): string {
    throw new Error('gotcha');
  },
};
const secret = 'sk_live_51HxyzABCDEFGH';

describe('guardAdapter', () => {
  it.each([
    ['undefined', undefined],
    ['null', null],
    ['a string', 'broken'],
    ['a number', 5],
    ['a symbol', Symbol('broken')],
    ['an object with a code', { code: 'EBROKEN' }],
    ['a frozen error', Object.freeze(new Error('frozen'))],
    ['a circular object', circular],
    ['a circular error', circularError],
    ['an object that throws when read', hostile],
    ['an object without prototype', Object.create(null) as object],
  ])('turns %s, thrown by an adapter, into an internal error with the original as cause', async (_name, thrown) => {
    const { guarded, records } = guard({
      putBox: async () => {
        throw thrown;
      },
    });
    const error = await failure(guarded.putBox('1'));
    expect(error.code).toBe('internal');
    expect(error.message).toBe('The provider answered in an unexpected way.');
    expect(error.cause).toBe(thrown);
    expect(records).toHaveLength(1);
    expect(records[0]?.outcome).toBe('internal');
  });

  it('normalises what an adapter throws before it returns a promise', async () => {
    const { guarded } = guard({
      getBox: () => {
        throw new TypeError('not async');
      },
    });
    expect((await failure(guarded.getBox('1'))).details.vendor?.message).toBe('TypeError: not async');
  });

  it('cuts a message of a megabyte, in PortErrors too', async () => {
    for (const thrown of [new Error('x'.repeat(1_000_000)), new PortError('internal', 'x'.repeat(1_000_000))]) {
      const { guarded, records } = guard({ putBox: () => Promise.reject(thrown) });
      const error = await failure(guarded.putBox('1'));
      expect(error.message.length).toBeLessThanOrEqual(500);
      expect(JSON.stringify([error.details, records]).length).toBeLessThan(2_000);
    }
  });

  it('lets no secret into message, details or record', async () => {
    const details = { vendor: { message: `key ${secret}` } };
    for (const thrown of [
      new Error(`bad key ${secret}`),
      new PortError('invalid-config', `bad key ${secret}`, { details }),
      secret,
    ]) {
      const { guarded, records } = guard({ putBox: () => Promise.reject(thrown) });
      const error = await failure(guarded.putBox('1'));
      expect(JSON.stringify([error.message, error.details, records])).not.toContain('51HxyzABCDEFGH');
    }
  });

  it('keeps code, waiting time and vendor details of a PortError, also of another copy of the class', async () => {
    const own = new PortError('rate-limited', 'Slow down.', {
      retryAfterMs: 1500,
      details: { vendor: { code: '7', status: 429 } },
    });
    const foreign = Object.assign(new Error('Slow down.'), {
      name: 'PortError',
      code: 'rate-limited',
      retryAfterMs: 1500,
      details: own.details,
    });
    for (const thrown of [own, foreign]) {
      const { guarded } = guard({ getBox: () => Promise.reject(thrown) });
      const error = await failure(guarded.getBox('1'));
      expect(error).toMatchObject({
        code: 'rate-limited',
        retryAfterMs: 1500,
        details: { vendor: { code: '7', status: 429 } },
      });
      expect(error.policy).toEqual({ repeat: 'later', actor: 'engine' });
    }
  });

  it.each<['getBox' | 'putBox', PortErrorCode]>([
    ['getBox', 'unavailable'],
    ['putBox', 'outcome-unknown'],
  ])('ends %s of an adapter that never resolves and ignores the signal as %s', async (method, code) => {
    const { guarded, records } = guard({ [method]: () => new Promise(() => undefined) }, { deadlineMs: 20 });
    expect((await failure(guarded[method]('1'))).code).toBe(code);
    expect(records[0]).toMatchObject({ method, outcome: code });
  });

  it('uses the deadline of the method', async () => {
    const { guarded, records } = guard({ putBox: () => new Promise(() => undefined) });
    expect((await failure(guarded.putBox('1'))).code).toBe('outcome-unknown');
    expect(records[0]?.durationMs).toBeLessThan(2_000);
  });

  it('aborts the signal at the deadline, and a late rejection disturbs nobody', async () => {
    let seen: AbortSignal | undefined;
    const { guarded } = guard(
      {
        putBox: () => {
          const { signal } = currentCall();
          seen = signal;
          return new Promise((_, reject) => {
            signal.addEventListener('abort', () => setTimeout(() => reject(new Error('late')), 10));
          });
        },
      },
      { deadlineMs: 20 },
    );
    await failure(guarded.putBox('1'));
    expect(seen?.aborted).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 40));
  });

  it('gives up at once when the caller does, before or during the call', async () => {
    const caller = new AbortController();
    const { guarded, records } = guard({ putBox: () => new Promise(() => undefined) }, { deadlineMs: 60_000 });
    const during = runCall({ signal: caller.signal }, () => guarded.putBox('1'));
    setTimeout(() => caller.abort(), 5);
    expect((await failure(during)).message).toMatch(/was cancelled/);
    const before = runCall({ signal: caller.signal }, () => guarded.putBox('1'));
    expect((await failure(before)).code).toBe('outcome-unknown');
    expect(records).toHaveLength(2);
  });

  it('serves any number of calls of one caller at once, and keeps nothing of them', async () => {
    const warnings: unknown[] = [];
    const warned = (warning: unknown) => warnings.push(warning);
    process.on('warning', warned);
    const { signal } = new AbortController();
    const { guarded } = guard({});
    await runCall({ signal }, () => Promise.all(Array.from({ length: 50 }, () => guarded.getBox('a'))));
    await Promise.all(Array.from({ length: 50 }, () => guarded.getBox('a')));
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', warned);
    expect(warnings).toEqual([]);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('hands the repetition key of the caller to the adapter, and keeps parallel calls apart', async () => {
    const { guarded } = guard({ getBox: async () => currentCall().idempotencyKey });
    const calls = ['a', 'b', 'c'].map((key) =>
      runCall({ signal: new AbortController().signal, idempotencyKey: key }, () => guarded.getBox('1')),
    );
    expect(await Promise.all(calls)).toEqual(['a', 'b', 'c']);
    expect(currentCall().idempotencyKey).toBeUndefined();
  });

  it('cleans results of what a database refuses, and leaves dates alone', async () => {
    const at = new Date(0);
    const { guarded } = guard({ getBox: async () => ({ name: 'a\0b', list: ['\ud800x'], at }) });
    expect(await guarded.getBox('1')).toEqual({ name: 'ab', list: ['\ufffdx'], at });
  });

  it('keeps `this` of class adapters', async () => {
    class Shelf implements BoxPort {
      private readonly boxes = new Map<string, unknown>();
      async getBox(id: string) {
        return this.boxes.get(id);
      }
      async putBox(id: string, content: unknown) {
        return this.boxes.set(id, content).size;
      }
    }
    const guarded = guardAdapter(new Shelf(), { connection: 'shelf', port: boxPort, capabilities: [] });
    await guarded.putBox('1', 'apple');
    expect(await guarded.getBox('1')).toBe('apple');
  });

  it('refuses an adapter that lacks a method of the port or of a capability', () => {
    expect(() =>
      guardAdapter({ getBox: echo.getBox }, { connection: 'shelf', port: boxPort, capabilities: [] }),
    ).toThrow(/the adapter box of shelf lacks the method putBox/);
    expect(() => guard({}, { capabilities: ['lid'] })).toThrow(
      /lacks the method closeLid: write it, or drop its capability/,
    );
  });
});
