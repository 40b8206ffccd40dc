import { errorBodyFrom, PortError, textOf, type PortErrorCode, type VendorResponse } from '@keelson/core';

interface Meaning {
  code: PortErrorCode;
  message: string;
}

const badConnection: Meaning = {
  code: 'invalid-config',
  message:
    'The name server refuses us or its API is not at this address: check the URL, the API key and the server id.',
};
const incapable: Meaning = { code: 'invalid-config', message: 'The name server is not set up for this change.' };
const badInput: Meaning = {
  code: 'invalid-input',
  message: 'The name server refused the record or zone as not valid.',
};
const absent: Meaning = { code: 'not-found', message: 'There is no such zone.' };
const unclearAct: Meaning = {
  code: 'outcome-unknown',
  message: 'The name server gave no clear answer; its state is being checked.',
};
const unclearRead: Meaning = { code: 'unavailable', message: 'The name server gave no clear answer.' };
const halfDone: Meaning = {
  code: 'outcome-unknown',
  message: 'The name server could not finish the change; its state is being checked.',
};

/** Texts of 422 answers (`pdns/ws-auth.cc`, 4.7 to 5.1) that mean something else than bad input; the first match counts. */
const refusals: readonly [RegExp, Meaning][] = [
  [
    /Conflicts with pre-existing RRset/,
    { code: 'wrong-state', message: 'The name already holds records that exclude this type.' },
  ],
  [/DNSSEC not enabled|No backend was able to secure|does not support editing|unsupported$/, incapable],
  [
    /Could not |Failed to |Unable to un-secure|Error while un-securing|failed: |SAVEPOINT|[Dd]atabase|[Bb]ackend/,
    halfDone,
  ],
];

const statuses: Readonly<Record<number, Meaning>> = {
  400: { code: 'internal', message: 'The name server could not read our request.' },
  401: badConnection,
  403: badConnection,
  // 4.9.0 to 4.9.11, 5.0.0 and 5.0.1 answer 405 for routes that do not exist.
  405: badConnection,
  409: { code: 'already-exists', message: 'The zone exists already.' },
};

/** What an answer outside the documented success means. `acts`: whether the request may have changed something. */
export function powerDnsError(response: VendorResponse, acts: boolean): PortError {
  const { status } = response;
  const text = textOf(errorBodyFrom(response.text)['error'])?.slice(0, 300);
  const { code, message } = meaningOf(response, text) ?? (acts ? unclearAct : unclearRead);
  return new PortError(code, message, {
    details: { vendor: { status, ...(text === undefined ? {} : { message: text }) } },
  });
}

/** Undefined when the answer tells nothing. */
function meaningOf({ status, headers }: VendorResponse, text: string | undefined): Meaning | undefined {
  if (status === 422) {
    if (text === undefined) return undefined;
    return refusals.find(([pattern]) => pattern.test(text))?.[1] ?? badInput;
  }
  if (status === 404) {
    // The API's own 404 is JSON, as we ask for. Any other comes from something in front of it and proves no absence.
    if (!/json/.test(headers['content-type'] ?? '')) return badConnection;
    return text === undefined ? undefined : absent;
  }
  return status >= 300 && status < 400 ? badConnection : statuses[status];
}
