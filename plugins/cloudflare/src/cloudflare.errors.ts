import { errorBodyFrom, vendorError, type Meaning, type PortError, type VendorResponse } from '@keelson/core';

const refused: Meaning = [
  'invalid-config',
  'The name server provider refuses our credentials: check the token, its permissions and the account id.',
];
const notValid: Meaning = ['invalid-input', 'The name server provider refused the record or zone as not valid.'];
const conflict: Meaning = ['wrong-state', 'The name already holds records that exclude this one.'];
/** A record went or came between our look and our change: nothing was done, and the next look sees it. */
const raced: Meaning = ['unavailable', 'The zone was changed by somebody else at the same time.'];
const absentZone: Meaning = ['not-found', 'There is no such zone.'];

/** The vendor's own codes, which say more than the status. */
const codes: Readonly<Record<string, Meaning>> = {
  1001: absentZone,
  1049: ['invalid-input', 'The name is not a registered domain.'],
  1061: ['already-exists', 'The zone exists already and belongs to someone else.'],
  6003: refused,
  7003: absentZone,
  9109: refused,
  10000: refused,
  81044: raced,
  81053: conflict,
  81054: conflict,
  81057: raced,
  81058: raced,
};

const statuses: Readonly<Record<number, Meaning>> = { 400: notValid, 401: refused, 403: refused, 404: absentZone };

/** What an answer other than 200 means. `acts`: whether the request may have changed something. */
export function cloudflareError({ status, headers, text }: VendorResponse, acts: boolean): PortError {
  const { errors } = errorBodyFrom(text);
  const [first] = Array.isArray(errors) ? (errors as { code?: unknown; message?: unknown }[]) : [];
  // A 4xx without the vendor's envelope comes from something in front of it and proves nothing.
  const meaning = first === undefined ? undefined : (codes[String(first.code)] ?? statuses[status]);
  return vendorError(meaning, { acts, status, requestId: headers['cf-ray'], ...first });
}
