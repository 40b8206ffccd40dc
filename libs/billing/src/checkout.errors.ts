/** No product has this id, slug or alias, or it is not for sale. */
export class UnknownPlanError extends Error {
  override readonly name = 'UnknownPlanError';
  constructor(plan: string) {
    super(`There is no plan "${plan.slice(0, 80)}".`);
  }
}

/** The product has no price for this cycle. */
export class TermNotOfferedError extends Error {
  override readonly name = 'TermNotOfferedError';
  constructor(plan: string, term: string) {
    super(`The plan "${plan}" is not offered with the term "${term.slice(0, 40)}".`);
  }
}

/** The coupon is unknown, over, used up, or does not fit the order. */
export class CouponRefusedError extends Error {
  override readonly name = 'CouponRefusedError';
  constructor(code: string, why = 'it is unknown or no longer valid') {
    super(`The coupon "${code.slice(0, 40)}" cannot be used: ${why}.`);
  }
}

/** The domain cannot be part of the order. The message says why. */
export class DomainRefusedError extends Error {
  override readonly name = 'DomainRefusedError';
}

/** The product has no trial. */
export class TrialNotOfferedError extends Error {
  override readonly name = 'TrialNotOfferedError';
  constructor(plan: string) {
    super(`The plan "${plan}" has no trial.`);
  }
}

/** A $0 order was asked for and test mode is off, or the override code is not the right one. */
export class TestModeRefusedError extends Error {
  override readonly name = 'TestModeRefusedError';
  constructor() {
    super('Test orders are switched off, or the code is not the one for test orders.');
  }
}

/** No checkout has this id, or it is somebody else's. */
export class CheckoutNotFoundError extends Error {
  override readonly name = 'CheckoutNotFoundError';
  constructor() {
    super('There is no such checkout.');
  }
}

/** There is no such order. */
export class OrderNotFoundError extends Error {
  override readonly name = 'OrderNotFoundError';
  constructor() {
    super('There is no such order.');
  }
}

/** The decision does not fit the order as it is now. The message says why, and what can be done instead. */
export class OrderConflictError extends Error {
  override readonly name = 'OrderConflictError';
}

/** Payments cannot be taken now. The order is kept; the customer tries again. */
export class PaymentUnavailableError extends Error {
  override readonly name = 'PaymentUnavailableError';
  constructor(options?: ErrorOptions) {
    super('The payment page cannot be reached at the moment. Try again in a minute.', options);
  }
}
