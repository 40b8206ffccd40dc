import { PortError, type PortErrorCode } from '@keelson/core';

interface Refusal {
  text: RegExp;
  code: PortErrorCode;
  /** For a customer. */
  message: string;
}

/**
 * What WHM and UAPI say when they refuse, first match wins. There are no error numbers: the texts are all there is. Packages
 * come before accounts, as "Specified package does not exist." matches both.
 */
const refusals: readonly Refusal[] = [
  {
    text: /\b(package|plan)\b.*\bnot exist|no such package/i,
    code: 'invalid-input',
    message: 'There is no such package on the server.',
  },
  { text: /reserved username/i, code: 'invalid-input', message: 'This account name is reserved on the server.' },
  {
    text: /not a valid username|invalid username|username .*\b(invalid|must|cannot|may not)\b/i,
    code: 'invalid-input',
    message: 'The server does not accept this account name.',
  },
  {
    text: /same initial/i,
    code: 'already-exists',
    message: 'The account name resembles that of another account too much.',
  },
  {
    text: /already (has|exists)/i,
    code: 'already-exists',
    message: 'Something of this name exists on the server already.',
  },
  {
    text: /strength rating|password .*\b(weak|too short|must|cannot)\b/i,
    code: 'invalid-input',
    message: 'The server asks for a stronger password.',
  },
  {
    text: /not a valid (domain|email|e-mail)|invalid (domain|email|e-mail)/i,
    code: 'invalid-input',
    message: 'The server does not accept this domain or address.',
  },
  {
    text: /certificate .*\b(invalid|not valid|expired|does not match|not match)\b|not match .*certificate|could not parse .*(certificate|key)/i,
    code: 'invalid-input',
    message: 'The server does not accept this certificate.',
  },
  {
    text: /do(es)? not (exist|have (a user|access to an account))|not exist\b|unable to fetch the cpanel user file/i,
    code: 'not-found',
    message: 'The server does not know this account or object.',
  },
  { text: /do(es)? not (own|control|belong)/i, code: 'not-found', message: 'The account does not hold this domain.' },
  {
    text: /access denied|permission denied|not authorized|insufficient privileges|do not have permission/i,
    code: 'invalid-config',
    message: 'The server refuses this to our credentials.',
  },
];

/**
 * The refusal in WHM's own words as a `PortError`; `internal` when the words are unknown, so that somebody looks.
 * @param reason untrusted text
 * @param secrets what must not come back in the error: vendors quote arguments in their refusals
 */
export function refusalError(reason: string, secrets: readonly string[] = []): PortError {
  const known = refusals.find((refusal) => refusal.text.test(parseReason(reason).message));
  const { requestId, message } = parseReason(scrub(reason, secrets));
  const details = { vendor: { message, ...(requestId === undefined ? {} : { requestId }) } };
  return known === undefined
    ? new PortError('internal', 'The server refused for a reason that is not known.', { details })
    : new PortError(known.code, known.message, { details });
}

/** An answer that is no WHM reply at all. */
export function statusError(status: number, acts: boolean): PortError {
  const details = { vendor: { status } };
  if (status === 401 || status === 403) {
    return new PortError('invalid-config', 'The server refuses our credentials.', { details });
  }
  if (status >= 500) {
    return new PortError(acts ? 'outcome-unknown' : 'unavailable', 'The server failed while it answered.', { details });
  }
  if ((status >= 300 && status < 400) || status === 404) {
    return new PortError('invalid-config', 'The configured address does not lead to the API of the server.', {
      details,
    });
  }
  return new PortError('internal', 'The server answered in an unexpected way.', { details });
}

/** A reply outside the vendor's documentation. */
export function malformedReply(what: string): PortError {
  return new PortError('internal', 'The server answered in an unexpected way.', {
    details: { vendor: { message: `reply without ${what}` } },
  });
}

/** Secrets too short to be accepted anywhere stay: taking them out would leave no text. */
function scrub(text: string, secrets: readonly string[]): string {
  return secrets.filter(({ length }) => length > 3).reduce((clean, secret) => clean.replaceAll(secret, '***'), text);
}

/** Takes the incident number (`(XID ab12cd)`) and the source position of old versions out of a text. */
function parseReason(reason: string): { requestId?: string; message: string } {
  const requestId = /\(XID (\w{1,32})\)/.exec(reason)?.[1];
  const message = reason
    .slice(0, 4000)
    .replace(/\(XID \w{1,32}\)\s*/g, '')
    .replace(/ at \/\S+ line \d+\.?/g, '')
    .replace(/\s+/g, ' ')
    .trim();
  return { requestId, message: message.slice(0, 300) };
}
