import { describe, expect, it } from '@jest/globals';
import { IssuanceBudget } from '../src/issuance-budget.js';
import { KeptState, MovedClock } from './acme-environment.js';

const hour = 3_600_000;
const day = 24 * hour;

function start() {
  const clock = new MovedClock();
  const state = new KeptState();
  return { clock, state, budget: new IssuanceBudget(state, clock) };
}

/** How many of the calls are allowed before the first is refused. */
async function allowed(call: (n: number) => Promise<void>, most = 400): Promise<number> {
  for (let n = 0; n < most; n += 1) {
    try {
      await call(n);
    } catch (thrown) {
      expect(thrown).toMatchObject({ code: 'rate-limited', retryAfterMs: expect.any(Number) });
      return n;
    }
  }
  return most;
}

describe('the budget', () => {
  it('allows less than 300 orders in three hours, and as many again after them', async () => {
    const { budget, clock } = start();
    const order = (n: number) => budget.takeOrder(`ref${n}`, [`site${n}.example`], false);
    expect(await allowed(order)).toBe(290);
    clock.advance(3 * hour);
    expect(await allowed(order)).toBe(290);
  });

  it('allows four certificates with the same names in seven days, whatever their order', async () => {
    const { budget, clock } = start();
    const sets = [
      ['a.example', 'b.a.example'],
      ['b.a.example', 'a.example'],
    ];
    const take = (n: number) => budget.takeCertificate(`ref${n}`, sets[n % 2] ?? [], false);
    expect(await allowed(take)).toBe(4);
    await budget.takeCertificate('other', ['a.example'], false);
    await expect(budget.takeOrder('next', sets[0] ?? [], false)).rejects.toMatchObject({ code: 'rate-limited' });
    clock.advance(7 * day);
    expect(await allowed((n) => take(n + 100))).toBe(4);
  });

  it('allows less than 50 certificates for a registered domain in seven days', async () => {
    const { budget } = start();
    expect(await allowed((n) => budget.takeCertificate(`ref${n}`, [`h${n}.shop.co.uk`], false))).toBe(48);
    await budget.takeCertificate('elsewhere', ['other.co.uk'], false);
    await expect(budget.takeOrder('next', ['new.shop.co.uk'], false)).rejects.toMatchObject({ code: 'rate-limited' });
  });

  it('counts the certificate of a reference once', async () => {
    const { budget } = start();
    expect(await allowed(() => budget.takeCertificate('same', ['a.example'], false), 20)).toBe(20);
  });

  it('exempts renewals from all but failures', async () => {
    const { budget } = start();
    const take = async (n: number) => {
      await budget.takeOrder(`ref${n}`, ['a.example'], true);
      await budget.takeCertificate(`ref${n}`, ['a.example'], true);
    };
    expect(await allowed(take, 60)).toBe(60);
    await allowed((n) => budget.takeLook(`look${n}`, 'a.example'));
    await expect(budget.takeOrder('next', ['a.example'], true)).rejects.toMatchObject({ code: 'rate-limited' });
  });

  it('allows four looks for a name in an hour that are not known to have succeeded', async () => {
    const { budget, clock } = start();
    expect(await allowed((n) => budget.takeLook(`ref${n}`, 'www.a.example'))).toBe(4);
    await budget.takeLook('ref', 'a.example');
    await expect(budget.takeOrder('next', ['*.www.a.example'], false)).rejects.toMatchObject({ code: 'rate-limited' });
    clock.advance(hour);
    await budget.takeOrder('next', ['www.a.example'], false);
  });

  it('takes back the looks for names that the authority accepted', async () => {
    const { budget } = start();
    for (let n = 0; n < 20; n += 1) {
      await budget.takeLook(`ref${n}`, 'a.example');
      await budget.settle(`ref${n}`, ['*.a.example']);
    }
    await budget.takeOrder('next', ['a.example'], false);
  });

  it('says when the next use is allowed', async () => {
    const { budget, clock } = start();
    for (let n = 0; n < 4; n += 1) {
      await budget.takeLook(`ref${n}`, 'a.example');
      clock.advance(600_000);
    }
    const refused = budget.takeLook('next', 'a.example');
    await expect(refused).rejects.toMatchObject({ code: 'rate-limited', retryAfterMs: 20 * 60_000 + 1000 });
    clock.advance(20 * 60_000 + 1000);
    await budget.takeLook('next', 'a.example');
  });

  it('loses no use of processes that count at once', async () => {
    const { state, clock } = start();
    const processes = Array.from({ length: 8 }, () => new IssuanceBudget(state, clock));
    const takes = (take: (budget: IssuanceBudget, n: number) => Promise<void>) =>
      Promise.allSettled(
        Array.from({ length: 64 }, (_, n) => take(processes[n % 8] ?? new IssuanceBudget(state, clock), n)),
      );
    const looks = await takes((budget, n) => budget.takeLook(`look${n}`, 'a.example'));
    expect(looks.filter(({ status }) => status === 'fulfilled')).toHaveLength(4);
    const certificates = await takes((budget, n) => budget.takeCertificate(`ref${n}`, [`h${n}.b.example`], false));
    expect(certificates.filter(({ status }) => status === 'fulfilled')).toHaveLength(48);
    await takes((budget, n) => budget.takeOrder(`order${n}`, [`site${n}.example`], false));
    expect(JSON.parse(state.values.get('orders') ?? '[]')).toHaveLength(64);
  });

  it('is about the names alone, except for orders', async () => {
    const { budget } = start();
    await allowed((n) => budget.takeLook(`look${n}`, 'a.example'));
    await expect(budget.takeLook('next', 'a.example')).rejects.toMatchObject({ alone: true });
    await allowed((n) => budget.takeOrder(`order${n}`, [`site${n}.example`], false));
    await expect(budget.takeOrder('next', ['b.example'], false)).rejects.toMatchObject({ alone: false });
  });

  it('loses no use of calls at once, and keeps no more than a window holds', async () => {
    const { budget, state, clock } = start();
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) => budget.takeCertificate(`ref${n}`, ['a.example'], false)),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(4);
    clock.advance(8 * day);
    await budget.takeCertificate('later', ['b.a.example'], false);
    expect(JSON.parse(state.values.get('uses:a.example') ?? '{}')).toMatchObject({
      certificates: [{ reference: 'later' }],
    });
  });
});
