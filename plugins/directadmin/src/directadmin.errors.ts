import { errorBodyFrom, textOf, vendorError, type Meaning, type PortError, type VendorResponse } from '@keelson/core';

const refused: Meaning = ['invalid-config', 'The server refuses us: check user, login key and what the key may do.'];

/** Words of commands that refuse, for which there are no codes, and `type` of refusals below `/api`. The first that fits counts. */
const words: readonly (readonly [RegExp, Meaning])[] = [
  [/already.(exists|in use|taken)/i, ['already-exists', 'Something of this name exists on the server already.']],
  [/password/i, ['invalid-input', 'The server asks for a stronger password.']],
  [/certificate|private key/i, ['invalid-input', 'The server does not accept this certificate.']],
  [/not own|n't own|not.found|does not exist/i, ['not-found', 'The server does not know this account or object.']],
  [/invalid|not (a )?valid/i, ['invalid-input', 'The server does not accept this name or address.']],
  [/not allowed|permission|access.denied|unauthorized|login key|license/i, refused],
];

/** What an answer refuses, undefined when it is a success. Commands refuse in the body, under whatever status. */
export function refusalOf({ status, text }: VendorResponse, acts: boolean): PortError | undefined {
  const { error, text: title, result, details, type } = errorBodyFrom(text);
  // Wrong credentials may be answered with the page to log in, under 200.
  const login = status === 401 || status === 403 || /<form[^>]+CMD_LOGIN/i.test(text);
  const failed = login || status > 299 || ![undefined, '', '0', 0, false].includes(error as string);
  if (!failed) return undefined;
  const message = [error, title, result, details, type].flatMap((part) => textOf(part) ?? []).join(' ');
  const known = login ? refused : words.find(([pattern]) => pattern.test(message))?.[1];
  const unknown: Meaning = ['internal', 'The server refused for a reason that is not known.'];
  return vendorError(known ?? (status > 299 ? undefined : unknown), { acts, status, message });
}
