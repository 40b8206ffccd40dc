import {
  CheckoutNotFoundError,
  CouponRefusedError,
  DomainRefusedError,
  OrderConflictError,
  OrderNotFoundError,
  PaymentUnavailableError,
  SettlementContendedError,
  TermNotOfferedError,
  TestModeRefusedError,
  TrialNotOfferedError,
  UnknownPlanError,
  UnknownProviderError,
} from '@keelson/billing';
import { ConnectionNotFoundError } from '@keelson/catalogue';
import { isPortError, type PortError, type PortErrorCode } from '@keelson/core';
import {
  CustomerExistsError,
  CustomerNotFoundError,
  InvalidApiKeyError,
  LoginRefusedError,
  PasswordRefusedError,
  ResetRefusedError,
  UserExistsError,
} from '@keelson/customers';
import { InvalidIdError, toPublicId } from '@keelson/database';
import {
  DomainTakenError,
  LicenceNotFoundError,
  ServerExistsError,
  ServerRefusedError,
  ServiceNotFoundError,
} from '@keelson/hosting';
import {
  AdoptionRefusedError,
  BrakeError,
  DriftConflictError,
  FindingNotFoundError,
  NothingToObserveError,
  ObservationUnderWayError,
  OperationRefusedError,
  type RefusalKind,
  TaskConflictError,
  TaskNotFoundError,
} from '@keelson/provisioning';
import { AlertNotFoundError } from '@keelson/notifications';
import { HttpException } from '@nestjs/common';
import { isDatabaseAway } from '@keelson/database';
import { ProblemError, type ProblemOptions } from './problem.errors.js';

interface Problem {
  status: number;
  options: ProblemOptions;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- error classes of any constructor
type ErrorClass<E extends Error> = new (...args: any[]) => E;

/** Which status a refusal of the domain is. Its message is the detail: it is written for clients. */
const refusals: readonly {
  error: ErrorClass<Error>;
  status: number;
  code: string;
  members?: (error: never) => Record<string, unknown>;
}[] = [
  { error: InvalidIdError, status: 404, code: 'not-found' },
  { error: CustomerNotFoundError, status: 404, code: 'customer-not-found' },
  {
    error: CustomerExistsError,
    status: 409,
    code: 'customer-exists',
    members: (error: CustomerExistsError) => ({
      id: toPublicId('cust', error.customerId),
      customerId: toPublicId('cust', error.customerId),
    }),
  },
  { error: ServiceNotFoundError, status: 404, code: 'service-not-found' },
  { error: LicenceNotFoundError, status: 404, code: 'licence-not-found' },
  { error: ServerExistsError, status: 400, code: 'server-exists' },
  { error: ServerRefusedError, status: 400, code: 'server-refused' },
  { error: UserExistsError, status: 409, code: 'user-exists' },
  { error: DomainTakenError, status: 409, code: 'domain-taken' },
  { error: TaskNotFoundError, status: 404, code: 'job-not-found' },
  {
    error: TaskConflictError,
    status: 409,
    code: 'job-conflict',
    members: ({ taskId }: TaskConflictError) => (taskId === undefined ? {} : { jobId: toPublicId('job', taskId) }),
  },
  { error: AlertNotFoundError, status: 404, code: 'alert-not-found' },
  { error: ConnectionNotFoundError, status: 404, code: 'connection-not-found' },
  { error: NothingToObserveError, status: 404, code: 'nothing-to-observe' },
  { error: ObservationUnderWayError, status: 409, code: 'observation-under-way' },
  { error: FindingNotFoundError, status: 404, code: 'finding-not-found' },
  { error: DriftConflictError, status: 409, code: 'drift-conflict' },
  { error: BrakeError, status: 409, code: 'brake', members: ({ refused }: BrakeError) => ({ refused }) },
  { error: AdoptionRefusedError, status: 409, code: 'adoption-refused' },
  { error: UnknownPlanError, status: 404, code: 'unknown-plan' },
  { error: TermNotOfferedError, status: 400, code: 'term-not-offered' },
  { error: CouponRefusedError, status: 400, code: 'coupon-refused' },
  { error: DomainRefusedError, status: 400, code: 'domain-refused' },
  { error: TrialNotOfferedError, status: 400, code: 'trial-not-offered' },
  { error: TestModeRefusedError, status: 403, code: 'test-mode-refused' },
  { error: CheckoutNotFoundError, status: 404, code: 'checkout-not-found' },
  { error: OrderNotFoundError, status: 404, code: 'order-not-found' },
  { error: OrderConflictError, status: 409, code: 'order-conflict' },
  { error: SettlementContendedError, status: 503, code: 'order-contended' },
  { error: PaymentUnavailableError, status: 503, code: 'payment-unavailable' },
  { error: UnknownProviderError, status: 404, code: 'unknown-provider' },
  { error: LoginRefusedError, status: 401, code: 'login-refused' },
  { error: PasswordRefusedError, status: 400, code: 'password-refused' },
  { error: ResetRefusedError, status: 400, code: 'reset-refused' },
  { error: InvalidApiKeyError, status: 400, code: 'invalid-api-key' },
];

const refusalStatuses: Readonly<Record<RefusalKind, number>> = { 'bad-input': 400, forbidden: 403, conflict: 409 };

const portStatuses: Readonly<Record<PortErrorCode, number>> = {
  'invalid-input': 400,
  'not-found': 404,
  'already-exists': 409,
  'wrong-state': 409,
  unsupported: 422,
  'invalid-config': 503,
  'no-funds': 503,
  'rate-limited': 503,
  unavailable: 503,
  'outcome-unknown': 503,
  internal: 502,
};

/** Failures of Fastify itself, before a route is reached. */
const httpCodes: Readonly<Record<number, { code: string; detail: string }>> = {
  400: { code: 'bad-request', detail: 'The request cannot be read.' },
  404: { code: 'not-found', detail: 'There is nothing at this address.' },
  405: { code: 'method-not-allowed', detail: 'This address does not know that method.' },
  408: { code: 'timeout', detail: 'The request took too long to arrive.' },
  413: { code: 'body-too-large', detail: 'The body is too large.' },
  415: { code: 'unsupported-media-type', detail: 'Send the body as application/json.' },
  429: { code: 'rate-limited', detail: 'Too many requests.' },
  503: { code: 'unavailable', detail: 'The service is stopping or not ready. Try again in a few seconds.' },
};

/** Status and body of whatever was thrown. What is not known here is a 500 that says nothing about the inside. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof ProblemError) return { status: thrown.status, options: thrown.options };
  if (thrown instanceof Error) {
    const refusal = refusals.find(({ error }) => thrown instanceof error);
    if (refusal !== undefined) {
      const { status, code, members } = refusal;
      const headers = status === 503 ? { headers: { 'retry-after': '30' } } : {};
      return {
        status,
        options: { code, detail: thrown.message, ...headers, ...(members && { members: members(thrown as never) }) },
      };
    }
  }
  if (thrown instanceof OperationRefusedError) return refusedOperation(thrown);
  if (isPortError(thrown)) return portProblem(thrown);
  if (isDatabaseAway(thrown)) {
    return {
      status: 503,
      options: {
        code: 'database-away',
        detail: 'The service is not ready. Try again in a few seconds.',
        headers: { 'retry-after': '5' },
      },
    };
  }
  return httpProblem(thrown);
}

function refusedOperation({ kind, code, message, fields }: OperationRefusedError): Problem {
  const errors = fields.length > 0 ? { errors: [...fields] } : {};
  return { status: refusalStatuses[kind], options: { code, detail: message, ...errors } };
}

function portProblem({ code, message, retryAfterMs }: PortError): Problem {
  const status = portStatuses[code];
  const seconds = String(Math.ceil((retryAfterMs ?? 30_000) / 1000));
  return {
    status,
    options: { code, detail: message, ...(status === 503 ? { headers: { 'retry-after': seconds } } : {}) },
  };
}

function httpProblem(thrown: unknown): Problem {
  const status = thrown instanceof HttpException ? thrown.getStatus() : statusOf(thrown);
  if (status === undefined || status < 400 || (status >= 500 && status !== 503)) {
    return {
      status: 500,
      options: {
        code: 'internal-error',
        detail: 'Something went wrong on our side. Quote the request id when you ask about it.',
      },
    };
  }
  return { status, options: httpCodes[status] ?? { code: 'refused', detail: 'The request was refused.' } };
}

function statusOf(thrown: unknown): number | undefined {
  const { statusCode } = (thrown ?? {}) as { statusCode?: unknown };
  return typeof statusCode === 'number' ? statusCode : undefined;
}
