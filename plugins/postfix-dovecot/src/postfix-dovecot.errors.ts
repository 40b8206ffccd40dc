import { PortError, type PortErrorCode } from '@keelson/core';

interface Meaning {
  /** The SQLSTATE, or how it begins. */
  state: string;
  code: PortErrorCode;
  /** For a customer. */
  message: string;
  /** For an operator, instead of the database's own words. */
  advice?: string;
}

const refused = 'The mail server refuses our credentials.';
const unfit = 'The mail server is not set up yet.';
const busy = 'The mail server is not available.';
const tables = 'the tables are missing or old: run the schema.sql of the plugin in this database';

/**
 * What a failure that Postgres itself reports means; first match wins. A statement that failed has changed nothing.
 * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const meanings: readonly Meaning[] = [
  { state: '28', code: 'invalid-config', message: refused },
  { state: '42501', code: 'invalid-config', message: refused },
  { state: '3D000', code: 'invalid-config', message: unfit },
  ...['42P01', '42703', '42883', '3F000'].map((state): Meaning => {
    return { state, code: 'invalid-config', message: unfit, advice: tables };
  }),
  { state: '25006', code: 'unavailable', message: busy },
  { state: '40', code: 'unavailable', message: busy },
  { state: '53', code: 'unavailable', message: busy },
  { state: '55P03', code: 'unavailable', message: busy },
  { state: '57014', code: 'unavailable', message: 'The mail server took too long.' },
  { state: '57P03', code: 'unavailable', message: busy },
  { state: '22021', code: 'invalid-input', message: 'The mail server does not accept this text.' },
];

const certificateProblem = /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|ERR_TLS|ALTNAME/;

/** A failure of the database driver as a `PortError`. */
export function databaseError(thrown: unknown, asked: { sent: boolean; acts: boolean }): PortError {
  const { code = '', message = '' } = (thrown ?? {}) as { code?: string; message?: string };
  const fail = (as: PortErrorCode, text: string, words = message) =>
    new PortError(as, text, {
      cause: thrown,
      details: { vendor: { ...(code === '' ? {} : { code }), message: words.slice(0, 300) } },
    });
  const known = meanings.find(({ state }) => isState(thrown) && code.startsWith(state));
  if (known !== undefined) return fail(known.code, known.message, known.advice);
  if (certificateProblem.test(code) || /does not support SSL/.test(message)) {
    return fail('invalid-config', 'The connection to the mail server cannot be encrypted as configured.');
  }
  // An address without a password, or with one of another kind.
  if (/^SASL|password/i.test(message) && !asked.sent) return fail('invalid-config', refused);
  // 57P: the server ended the session, as it does when it shuts down.
  if (isState(thrown) && !code.startsWith('57P') && !code.startsWith('08')) {
    return fail('internal', 'The mail server answered in an unexpected way.');
  }
  return asked.sent && asked.acts
    ? fail('outcome-unknown', 'The connection to the mail server broke off.')
    : fail('unavailable', 'The mail server cannot be reached.');
}

/** Postgres reports a severity with each SQLSTATE; the codes of failed connections (`EPIPE`) may look alike. */
function isState(thrown: unknown): boolean {
  const { code, severity } = (thrown ?? {}) as { code?: unknown; severity?: unknown };
  return typeof code === 'string' && typeof severity === 'string' && /^[0-9A-Z]{5}$/.test(code);
}
