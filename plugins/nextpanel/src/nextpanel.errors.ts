import { PortError, type PortErrorCode, type VendorResponse } from '@keelson/core';

interface Refusal {
  text: RegExp;
  code: PortErrorCode;
  /** For a customer. */
  message: string;
}

/** What the panel says in `detail` with status 400, first match wins. Only "already exists" is documented. */
const refusals: readonly Refusal[] = [
  {
    text: /already (exists|registered|taken|in use)/i,
    code: 'already-exists',
    message: 'The server has an account of this name or e-mail address already.',
  },
  {
    text: /\b(limit|capacity|quota|licen[cs]e)\b/i,
    code: 'invalid-config',
    message: 'The server holds as many accounts as it may.',
  },
  {
    text: /\b(package|plan)\b/i,
    code: 'invalid-input',
    message: 'There is no such package on the server.',
  },
  {
    text: /\b(password|user ?name|e-?mail|phone|name)\b/i,
    code: 'invalid-input',
    message: 'The server does not accept this account.',
  },
];

/** About the request that was answered. */
export interface Asked {
  /** Whether the panel acts on it. */
  acts: boolean;
  /** Whether it is about one account, so that 404 means that there is none. */
  aboutOne: boolean;
  /** Must not come back in the error: a panel may quote what it refuses. */
  secrets: readonly string[];
}

/** An answer with a status other than 2xx as a `PortError`; `internal` for refusals of unknown meaning, so that somebody looks. */
export function refusalError(response: VendorResponse, { acts, aboutOne, secrets }: Asked): PortError {
  const { status } = response;
  const detail = detailOf(response);
  const vendor = { status, ...(detail === undefined ? {} : { message: scrub(detail, secrets).slice(0, 300) }) };
  const error = (code: PortErrorCode, message: string) => new PortError(code, message, { details: { vendor } });
  if (status === 401 || status === 403) return error('invalid-config', 'The server refuses our credentials.');
  if (status === 404 && aboutOne && detail !== undefined)
    return error('not-found', 'The server knows no such account.');
  if (status === 409) {
    return error('already-exists', 'The server has an account of this name or e-mail address already.');
  }
  if (status === 422) return error('invalid-input', 'The server does not accept this account.');
  const known = refusals.find(({ text }) => text.test(detail ?? ''));
  if (known !== undefined && (status === 400 || (status === 404 && /package|plan/i.test(detail ?? '')))) {
    return error(known.code, known.message);
  }
  if (status < 400 || status === 404 || status === 405) {
    return error('invalid-config', 'The configured address does not lead to the API of the server.');
  }
  if (status >= 500) return error(acts ? 'outcome-unknown' : 'unavailable', 'The server failed while it answered.');
  return error('internal', 'The server refused for a reason that is not known.');
}

/** A reply that lacks what it must have. */
export function malformedReply(what: string): PortError {
  return new PortError('internal', 'The server answered in an unexpected way.', {
    details: { vendor: { message: `reply without ${what}` } },
  });
}

/**
 * The text of `{"detail": "…"}`, and of the list that a failed validation answers with. Of the items of that list only place and
 * message are taken: `input` holds what was sent, passwords too.
 * @see https://fastapi.tiangolo.com/tutorial/handling-errors/
 */
function detailOf({ text }: VendorResponse): string | undefined {
  let detail: unknown;
  try {
    detail = (JSON.parse(text) as { detail?: unknown } | null)?.detail;
  } catch {
    return undefined;
  }
  if (typeof detail === 'string') return detail;
  if (!Array.isArray(detail)) return undefined;
  return detail.map(problemOf).join('; ');
}

function problemOf(item: unknown): string {
  const { loc, msg } = (typeof item === 'object' && item !== null ? item : {}) as { loc?: unknown; msg?: unknown };
  const place = Array.isArray(loc) ? loc.filter((part) => part !== 'body').join('.') : '';
  return `${place}: ${typeof msg === 'string' ? msg : 'invalid'}`;
}

/** Secrets too short to be accepted anywhere stay: taking them out would leave no text. */
function scrub(text: string, secrets: readonly string[]): string {
  return secrets.filter(({ length }) => length > 3).reduce((clean, secret) => clean.replaceAll(secret, '***'), text);
}
