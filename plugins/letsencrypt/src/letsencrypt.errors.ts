import { PortError, retryAfter, type PortErrorCode, type VendorDetails, type VendorResponse } from '@keelson/core';
import type { AcmeProblem } from './letsencrypt.types.js';

interface Meaning {
  code: PortErrorCode;
  message: string;
}

const refusedAccount: Meaning = {
  code: 'invalid-config',
  message: 'The certificate authority refuses our account.',
};
const terms: Meaning = {
  code: 'invalid-config',
  message: 'The certificate authority wants its terms of service to be agreed to again.',
};
const refusedName: Meaning = {
  code: 'invalid-input',
  message: 'The certificate authority issues no certificate for one of these names.',
};

/** Types of RFC 8555 §6.7 and its successors, with one of Pebble's. Those that are not here are judged by the status. */
const meanings: Readonly<Record<string, Meaning>> = {
  unauthorized: refusedAccount,
  accountDoesNotExist: refusedAccount,
  userActionRequired: terms,
  agreementRequired: terms,
  externalAccountRequired: {
    code: 'invalid-config',
    message: 'The certificate authority takes only accounts that it knows beforehand, which is not supported.',
  },
  invalidContact: { code: 'invalid-config', message: 'The certificate authority refuses our e-mail address.' },
  unsupportedContact: { code: 'invalid-config', message: 'The certificate authority refuses our e-mail address.' },
  invalidProfile: { code: 'invalid-config', message: 'The certificate authority does not offer this profile.' },
  rejectedIdentifier: refusedName,
  unsupportedIdentifier: refusedName,
  caa: { code: 'wrong-state', message: 'A CAA record forbids this certificate authority.' },
  orderNotReady: { code: 'wrong-state', message: 'The order is not ready yet.' },
  badNonce: { code: 'unavailable', message: 'The certificate authority did not take our request.' },
  rateLimited: { code: 'rate-limited', message: 'The certificate authority asks us to slow down.' },
};

const absent: Meaning = { code: 'not-found', message: 'The certificate authority does not know this.' };
const unreadable: Meaning = { code: 'internal', message: 'The certificate authority could not read our request.' };
const elsewhere: Meaning = {
  code: 'invalid-config',
  message: 'There is no certificate authority at this address: check the directory URL.',
};
const unclearAct: Meaning = {
  code: 'outcome-unknown',
  message: 'The certificate authority gave no clear answer; its state is being checked.',
};
const unclearRead: Meaning = { code: 'unavailable', message: 'The certificate authority gave no clear answer.' };

/** What an answer outside the documented success means. `acts`: whether the request may have changed something. */
export function acmeError(response: VendorResponse, acts: boolean): PortError {
  const problem = problemIn(response.text);
  const { code, message } = meaningOf(response.status, problem, acts);
  return new PortError(code, message, {
    details: { vendor: vendorDetails(problem, response.status) },
    // Its limits count by name, but for the account's orders, which `IssuanceBudget` keeps us below.
    ...(code === 'rate-limited' ? { retryAfterMs: retryAfter(response.headers['retry-after']), alone: true } : {}),
  });
}

function meaningOf(status: number, problem: AcmeProblem | undefined, acts: boolean): Meaning {
  const known = problem === undefined ? undefined : meanings[problem.type];
  if (known !== undefined) return known;
  if (status === 404) return absent;
  if (status >= 300 && status < 400) return elsewhere;
  if (status >= 400 && status < 500) return problem === undefined ? elsewhere : unreadable;
  return acts ? unclearAct : unclearRead;
}

/** The problem document (RFC 7807) in a body, undefined when there is none. */
export function problemIn(body: string): AcmeProblem | undefined {
  try {
    return problemFrom(JSON.parse(body));
  } catch {
    return undefined;
  }
}

/** A problem as it stands in an answer, in an order or in a challenge; undefined for anything else. */
export function problemFrom(value: unknown): AcmeProblem | undefined {
  const { type, detail } = (value ?? {}) as { type?: unknown; detail?: unknown };
  if (typeof type !== 'string') return undefined;
  return { type: type.replace(/^urn:ietf:params:acme:error:/, ''), detail: typeof detail === 'string' ? detail : '' };
}

/** What operators may see of a problem. */
export function vendorDetails(problem: AcmeProblem | undefined, status?: number): VendorDetails {
  return {
    ...(status === undefined ? {} : { status }),
    ...(problem === undefined ? {} : { code: problem.type, message: problem.detail.slice(0, 300) }),
  };
}

const reasons: Readonly<Record<string, (name: string) => string>> = {
  dns: (name) => `The name servers of ${name} did not give the record that proves the name is ours.`,
  connection: (name) => `${name} could not be reached from the internet.`,
  tls: (name) => `${name} could not be reached from the internet.`,
  unauthorized: (name) => `${name} did not show the proof that the name is ours.`,
  incorrectResponse: (name) => `${name} did not show the proof that the name is ours.`,
  caa: (name) => `A CAA record of ${name} forbids this certificate authority.`,
  rejectedIdentifier: (name) => `The certificate authority issues no certificate for ${name}.`,
  rateLimited: (name) => `Too many certificates were asked for ${name}.`,
};

/** Why an order failed, as a sentence for customers. */
export function failureReason(problem: AcmeProblem | undefined, name: string): string {
  const sentence = problem === undefined ? undefined : reasons[problem.type];
  return sentence?.(name) ?? `The certificate authority could not confirm that ${name} is ours.`;
}
