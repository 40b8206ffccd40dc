import type { Money } from '@keelson/core';

/** The text is not an amount of the currency. Safe to show. */
export class InvalidAmountError extends Error {
  override readonly name = 'InvalidAmountError';
  constructor(text: string, currency: string) {
    super(`"${text.slice(0, 40)}" is not an amount in ${currency}. Write it like ${fromMinor(1999, currency)}.`);
  }
}

const digitsOf = new Map<string, number>();

/**
 * How many decimal places the currency has: 2 for USD, 0 for JPY, 3 for KWD (ISO 4217, as the runtime's ICU knows it).
 * Throws `RangeError` for anything that is not three letters.
 */
export function minorDigits(currency: string): number {
  let digits = digitsOf.get(currency);
  if (digits === undefined) {
    digits = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
    digitsOf.set(currency, digits);
  }
  return digits;
}

/** Minor units as the decimal text of the major unit: (999, USD) → `9.99`. Exact for every safe integer. */
export function fromMinor(amount: number, currency: string): string {
  const digits = minorDigits(currency);
  const text = String(Math.abs(amount)).padStart(digits + 1, '0');
  const whole = text.slice(0, text.length - digits);
  return `${amount < 0 ? '-' : ''}${whole}${digits === 0 ? '' : `.${text.slice(-digits)}`}`;
}

/** Minor units as the number that clients of the contracts read: (999, USD) → 9.99. Never calculate with it. */
export function toMajor(amount: number, currency: string): number {
  return Number(fromMinor(amount, currency));
}

/**
 * The decimal text of a major unit in minor units: (`9.99`, USD) → 999.
 * Throws `InvalidAmountError` when it is no plain decimal or has more places than the currency.
 */
export function parseMajor(text: string, currency: string): number {
  const digits = minorDigits(currency);
  const match = /^(-?)(\d{1,12})(?:\.(\d+))?$/.exec(text.trim());
  const places = match?.[3] ?? '';
  if (match === null || places.length > digits) throw new InvalidAmountError(text, currency);
  const amount = Number(`${match[2]}${places.padEnd(digits, '0')}`);
  return match[1] === '-' && amount !== 0 ? -amount : amount;
}

/** For people and logs: `9.99 USD`. */
export function formatMoney({ amount, currency }: Money): string {
  return `${fromMinor(amount, currency)} ${currency}`;
}

/** `percent` of the amount in minor units, halves rounded up. Integer arithmetic only. */
export function percentOf(amount: number, percent: number): number {
  return Math.floor((amount * percent + 50) / 100);
}
