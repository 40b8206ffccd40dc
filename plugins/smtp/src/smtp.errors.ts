import { PortError, type PortErrorCode } from '@keelson/core';
import type { NodemailerError } from 'nodemailer';

/** What customers read for each code. */
const sentences: Partial<Record<PortErrorCode, string>> = {
  'invalid-input': 'The mail server refused the message.',
  'invalid-config': 'The mail server does not accept our credentials or our encryption.',
  unavailable: 'The mail server is not available.',
  'outcome-unknown': 'The mail server did not confirm the message; it may have been sent.',
  internal: 'The mail server answered in an unexpected way.',
};

/** SMTP replies that are about the login, whatever command they answer (RFC 4954 §6). */
const loginReplies = new Set([530, 534, 535, 538]);
const certificateProblem = /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|ERR_TLS|ERR_SSL|EPROTO/;

/** nodemailer's codes for failures that carry no SMTP reply. A failure of another code is a bug, of nodemailer or of ours. */
const codesWithoutReply: Readonly<Record<string, PortErrorCode>> = {
  EAUTH: 'invalid-config',
  ENOAUTH: 'invalid-config',
  ECONFIG: 'invalid-config',
  EREQUIRETLS: 'invalid-config',
  ETLS: 'invalid-config',
  EENVELOPE: 'invalid-input',
  EMESSAGE: 'invalid-input',
  EMAXRECIPIENTS: 'invalid-input',
  ECONNECTION: 'unavailable',
  ETIMEDOUT: 'unavailable',
  ESOCKET: 'unavailable',
  EDNS: 'unavailable',
  EABORT: 'unavailable',
  EPROTOCOL: 'unavailable',
  EMAXLIMIT: 'unavailable',
};

/**
 * Translates a failure of nodemailer 10.
 * @param handedOver whether the whole message had left for the server: without a reply it may have been accepted
 */
export function smtpError(thrown: unknown, handedOver: boolean): PortError {
  const failure = (typeof thrown === 'object' ? (thrown ?? {}) : {}) as Partial<NodemailerError>;
  const code = codeOf(failure, handedOver);
  return new PortError(code, sentences[code] ?? 'The mail server failed.', {
    cause: thrown,
    details: {
      vendor: {
        ...(failure.code === undefined ? {} : { code: failure.originalCode ?? failure.code }),
        ...(failure.responseCode === undefined ? {} : { status: failure.responseCode }),
        ...(failure.response === undefined ? {} : { message: failure.response.slice(0, 300) }),
      },
    },
  });
}

function codeOf(failure: Partial<NodemailerError>, handedOver: boolean): PortErrorCode {
  const { code = '', responseCode } = failure;
  if (responseCode !== undefined) return codeOfReply(code, responseCode, failure.permanent === true);
  if (handedOver) return 'outcome-unknown';
  if (code === 'ESOCKET' && certificateProblem.test(failure.originalCode ?? '')) return 'invalid-config';
  // A connection that broke off during the handshake, as opposed to a handshake that failed.
  if (code === 'ETLS' && failure.command === 'CONN') return 'unavailable';
  return codesWithoutReply[code] ?? 'internal';
}

/** RFC 5321 §4.2.1: 4yz asks to come back, 5yz is final. */
function codeOfReply(code: string, reply: number, permanent: boolean): PortErrorCode {
  if (reply >= 400 && reply < 500) return 'unavailable';
  if (code === 'EAUTH' || code === 'ETLS' || loginReplies.has(reply)) return 'invalid-config';
  return permanent ? 'invalid-input' : 'unavailable';
}
