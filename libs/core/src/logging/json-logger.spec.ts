import { describe, expect, it } from '@jest/globals';
import type { LogLevel } from '@nestjs/common';
import { JsonLogger } from './json-logger.js';

const secret = 'sk_live_51HxyzABCDEFGH';

function logging(level: LogLevel = 'verbose', isTTY = false) {
  const lines: string[] = [];
  const sink = { isTTY, write: (text: string) => lines.push(text) };
  const logger = new JsonLogger({ level, sink, now: () => new Date(0) });
  const record = () => JSON.parse(lines.at(-1) ?? '') as Record<string, unknown>;
  return { logger, lines, record };
}

describe('JsonLogger', () => {
  it('writes one JSON line per record with time, level and context', () => {
    const { logger, lines } = logging();
    logger.log('server created', 'HostingService');
    expect(lines).toEqual([
      '{"time":"1970-01-01T00:00:00.000Z","level":"log","context":"HostingService","message":"server created"}\n',
    ]);
  });

  it('spreads the fields of an object, without letting them replace its own frame', () => {
    const { logger, record } = logging();
    logger.warn({ message: 'call', level: 'fatal', durationMs: 5 }, 'Adapter');
    expect(record()).toEqual({
      time: '1970-01-01T00:00:00.000Z',
      level: 'warn',
      context: 'Adapter',
      message: 'call',
      level_: 'fatal',
      durationMs: 5,
    });
  });

  it('redacts secrets in texts, fields, errors, stacks and causes', () => {
    const { logger, lines } = logging();
    const error = Object.assign(new Error(`bad ${secret}`, { cause: new Error(`cause ${secret}`) }), {
      request: `key ${secret}`,
    });
    logger.error(`text ${secret}`);
    logger.error({ message: 'm', deep: { list: [`x ${secret}`] }, [secret]: 1 });
    logger.error(error);
    logger.error('failed', error.stack, 'Context');
    logger.error('failed', { password: 'hunter2', apiKey: 'hunter2', Authorization: 'hunter2', card: 'hunter2' });
    expect(lines).toHaveLength(5);
    expect(lines.join('')).not.toMatch(/51HxyzABCDEFGH|hunter2/);
    expect(lines[2]).toContain('"cause":{"name":"Error","message":"cause sk_live_***"');
    expect(lines[3]).toContain('"context":"Context"');
    expect(lines[3]).toContain('"stack":"Error: bad sk_live_***');
  });

  it('lets no value forge a record or steer a terminal', () => {
    const forged = 'ok\n{"level":"fatal"}\r\u001b[2J\u0000\u2028\u202e';
    for (const isTTY of [false, true]) {
      const { logger, lines } = logging('verbose', isTTY);
      logger.log(forged, 'Con\u001b[1mtext');
      expect(lines).toHaveLength(1);
      expect(lines[0]?.trimEnd().split('\n')).toHaveLength(1);
      // eslint-disable-next-line no-control-regex -- control characters are what it looks for
      expect(lines[0]).not.toMatch(/\r|\u001b\[2J|\u001b\[1m|\u0000|\u2028|\u202e/);
    }
  });

  it.each([
    undefined,
    null,
    5,
    5n,
    Symbol('s'),
    () => 1,
    [],
    new Map([['a', 1]]),
    new Date(NaN),
    Buffer.alloc(3),
    Object.create(null),
  ])('survives %p', (value) => {
    const { logger, lines } = logging();
    logger.log(value);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'log' });
  });

  it('survives cycles, depth, size and getters that throw', () => {
    const { logger, lines, record } = logging();
    const cycle: Record<string, unknown> = { name: 'c' };
    cycle['self'] = cycle;
    const trap = {
      get boom(): string {
        throw new Error('boom');
      },
    };
    let deep: unknown = 'bottom';
    for (let level = 0; level < 50; level += 1) deep = { deep };
    logger.log({ cycle, trap, deep, long: 'x'.repeat(1_000_000), many: Array.from({ length: 10_000 }, (_, i) => i) });
    expect(record()).toMatchObject({ cycle: { name: 'c', self: '[circular]' }, trap: '[unreadable]' });
    expect(lines[0]?.length).toBeLessThan(20_000);
  });

  it('writes an object that appears twice, twice', () => {
    const { logger, record } = logging();
    const shared = { a: 1 };
    logger.log({ one: shared, two: shared });
    expect(record()).toMatchObject({ one: { a: 1 }, two: { a: 1 } });
  });

  it('drops what is less important than its level, and can be told other levels', () => {
    const { logger, lines } = logging('warn');
    logger.fatal('a');
    logger.error('b');
    logger.warn('c');
    logger.log('d');
    logger.debug('e');
    logger.verbose('f');
    expect(lines).toHaveLength(3);
    logger.setLogLevels(['debug']);
    logger.debug('g');
    logger.fatal('h');
    expect(lines).toHaveLength(4);
  });

  it('is readable on a terminal, stacks included', () => {
    const { logger, lines } = logging('verbose', true);
    logger.log({ message: 'dns.putRecords ok', durationMs: 5 }, 'Adapter');
    expect(lines[0]).toBe('00:00:00.000 \u001b[32mlog  \u001b[0m [Adapter] dns.putRecords ok {"durationMs":5}\n');
    logger.error('failed', new Error('why').stack);
    expect(lines[1]).toMatch(/failed\n {2}Error: why\n {6}at /);
  });
});
