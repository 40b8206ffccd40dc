import { isPortError, PortError, type PortErrorCode, type VendorDetails } from '@keelson/core';

/** The fields of the SDK's errors that are read here; the classes themselves are loaded only with the SDK. */
interface StripeFailure {
  type?: unknown;
  code?: unknown;
  statusCode?: unknown;
  requestId?: unknown;
  message?: unknown;
  /** Cause of a `StripeConnectionError`. */
  detail?: unknown;
  raw?: { exception?: unknown };
}

interface Rule {
  type?: string;
  vendorCode?: string;
  status?: number;
  code: PortErrorCode;
  message: string;
}

/** First match wins. Types are the SDK's class names, codes those of https://docs.stripe.com/error-codes. */
const rules: readonly Rule[] = [
  {
    type: 'StripeAuthenticationError',
    code: 'invalid-config',
    message: 'The payment provider refuses our credentials.',
  },
  { type: 'StripePermissionError', code: 'invalid-config', message: 'The payment provider denies us this operation.' },
  { vendorCode: 'api_key_expired', code: 'invalid-config', message: 'The payment provider refuses our credentials.' },
  { type: 'StripeRateLimitError', code: 'rate-limited', message: 'The payment provider asks us to slow down.' },
  { vendorCode: 'lock_timeout', code: 'rate-limited', message: 'The payment provider asks us to slow down.' },
  { status: 409, code: 'unavailable', message: 'The payment provider is still working on the same request.' },
  {
    type: 'StripeIdempotencyError',
    code: 'wrong-state',
    message: 'The same reference was used before with other content.',
  },
  { vendorCode: 'resource_missing', code: 'not-found', message: 'The payment provider does not know this object.' },
  {
    vendorCode: 'resource_already_exists',
    code: 'already-exists',
    message: 'The payment provider holds this object already.',
  },
  {
    vendorCode: 'charge_already_refunded',
    code: 'wrong-state',
    message: 'Nothing is left of this payment to give back.',
  },
  { vendorCode: 'charge_disputed', code: 'wrong-state', message: 'The payment is disputed and cannot be given back.' },
  {
    vendorCode: 'payment_intent_unexpected_state',
    code: 'wrong-state',
    message: 'The payment is not in a state that allows this.',
  },
  {
    vendorCode: 'balance_insufficient',
    code: 'no-funds',
    message: 'The balance at the payment provider does not cover this.',
  },
  { type: 'StripeCardError', code: 'wrong-state', message: 'The card was refused.' },
  { type: 'StripeInvalidRequestError', code: 'invalid-input', message: 'The payment provider refuses this input.' },
];

/**
 * Anything thrown below the SDK as a `PortError`. Failures of the connection are `PortError`s already; the SDK wraps them and
 * they are unwrapped here.
 */
export function portErrorOf(thrown: unknown): PortError {
  if (isPortError(thrown)) return thrown;
  const failure = (thrown ?? {}) as StripeFailure;
  for (const wrapped of [failure.detail, failure.raw?.exception]) {
    if (isPortError(wrapped)) return wrapped;
  }
  const rule = rules.find((candidate) => matches(candidate, failure));
  return new PortError(
    rule?.code ?? 'internal',
    rule?.message ?? 'The payment provider answered in an unexpected way.',
    {
      details: { vendor: detailsOf(failure) },
    },
  );
}

function matches(rule: Rule, failure: StripeFailure): boolean {
  return (
    (rule.type === undefined || rule.type === failure.type) &&
    (rule.vendorCode === undefined || rule.vendorCode === failure.code) &&
    (rule.status === undefined || rule.status === failure.statusCode)
  );
}

function detailsOf({ code, type, statusCode, requestId, message }: StripeFailure): VendorDetails {
  const name = typeof code === 'string' ? code : type;
  return {
    ...(typeof name === 'string' ? { code: name } : {}),
    ...(typeof statusCode === 'number' ? { status: statusCode } : {}),
    ...(typeof requestId === 'string' ? { requestId } : {}),
    ...(typeof message === 'string' ? { message: message.slice(0, 300) } : {}),
  };
}
