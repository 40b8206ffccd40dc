import { describe, expect, it } from '@jest/globals';
import { formatMoney, fromMinor, InvalidAmountError, minorDigits, parseMajor, percentOf, toMajor } from './money.js';

describe('money', () => {
  it('knows how many places a currency has', () => {
    expect(['USD', 'JPY', 'KWD'].map(minorDigits)).toEqual([2, 0, 3]);
  });

  it('shows minor units as the major unit', () => {
    expect([fromMinor(999, 'USD'), fromMinor(5, 'USD'), fromMinor(-105, 'USD'), fromMinor(500, 'JPY')]).toEqual([
      '9.99',
      '0.05',
      '-1.05',
      '500',
    ]);
    expect(fromMinor(1234, 'KWD')).toBe('1.234');
    expect(formatMoney({ amount: 9999, currency: 'USD' })).toBe('99.99 USD');
  });

  it('gives clients the number that the text says', () => {
    expect([toMajor(999, 'USD'), toMajor(9999, 'USD'), toMajor(799, 'USD'), toMajor(1, 'JPY')]).toEqual([
      9.99, 99.99, 7.99, 1,
    ]);
  });

  it('reads back what it shows, for every amount up to 30.00', () => {
    for (let amount = -3000; amount <= 3000; amount += 1) {
      for (const currency of ['USD', 'JPY', 'KWD'])
        expect(parseMajor(fromMinor(amount, currency), currency)).toBe(amount);
    }
  });

  it.each(['', '1,5', '1.999', '1e3', 'NaN', '0x10', '1.', '--1', '9999999999999'])('refuses %j as dollars', (text) => {
    expect(() => parseMajor(text, 'USD')).toThrow(InvalidAmountError);
  });

  it('rounds halves up when it takes a percentage', () => {
    expect([percentOf(999, 10), percentOf(995, 10), percentOf(994, 10), percentOf(1, 50), percentOf(100, 100)]).toEqual(
      [100, 100, 99, 1, 100],
    );
  });
});
