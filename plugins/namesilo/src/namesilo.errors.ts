import { PortError, type PortErrorCode, type VendorDetails } from '@keelson/core';
import { child, type NameSiloReply } from './namesilo-reply.js';

interface Meaning {
  code: PortErrorCode;
  message: string;
}

/** Done; or, from 250 on, it was so already. */
const successes: ReadonlySet<number> = new Set([300, 301, 302, 250, 251, 252, 253, 255, 256]);

/** Done, but with the registrar's own name servers, because it did not take some of ours. */
export const nameserversReplaced = 301;
/** Done, but with the account's default contact, because something is wrong with the one given. */
export const contactReplaced = 302;

const refusedRequest: Meaning = { code: 'internal', message: 'The registrar could not read our request.' };
const refusedKey: Meaning = {
  code: 'invalid-config',
  message: 'The registrar refuses us: check the API key, its address list and that it belongs to this system.',
};
const badPayment: Meaning = {
  code: 'invalid-config',
  message: 'The registrar cannot charge the payment profile: check its number and that it is verified.',
};
const badDomain: Meaning = { code: 'invalid-input', message: 'The registrar cannot register or keep this domain.' };
const badYears: Meaning = {
  code: 'invalid-input',
  message: 'The domain cannot be registered or renewed for so many years.',
};
const unclear: Meaning = { code: 'outcome-unknown', message: 'The registrar gave no clear answer.' };
const taken: Meaning = { code: 'already-exists', message: 'The domain is registered already.' };

/**
 * What every code means that is no success. `outcome-unknown` stands for `unavailable` where the call only reads. Codes that are
 * not here are outside the vendor's documentation: `internal`.
 */
const meanings: Readonly<Record<number, Meaning>> = {
  101: { code: 'invalid-config', message: 'The registrar demands HTTPS: correct the address of its API.' },
  102: refusedRequest,
  103: refusedRequest,
  104: refusedRequest,
  105: refusedRequest,
  106: refusedRequest,
  107: refusedRequest,
  // We send every parameter that we have, so what is missing is missing in the customer's data.
  108: { code: 'invalid-input', message: 'The registrar needs more about the registrant than was given.' },
  109: refusedKey,
  110: refusedKey,
  111: refusedKey,
  112: refusedKey,
  113: refusedKey,
  114: badDomain,
  115: { code: 'outcome-unknown', message: 'The registry does not answer.' },
  116: refusedKey,
  117: badPayment,
  118: badPayment,
  119: { code: 'no-funds', message: 'The balance at the registrar does not cover this.' },
  120: refusedRequest,
  200: { code: 'not-found', message: 'The domain is not in this account.' },
  201: unclear,
  210: { code: 'wrong-state', message: 'The registrar refuses this.' },
  254: { code: 'invalid-input', message: 'The registrar does not take these name servers.' },
  261: { code: 'wrong-state', message: 'The registrar cannot do this with the domain as it is.' },
  262: taken,
  263: badYears,
  264: badYears,
  265: { code: 'wrong-state', message: 'The domain cannot be transferred now.' },
  266: { code: 'not-found', message: 'There is no such transfer.' },
  267: badDomain,
  280: { code: 'invalid-input', message: 'The registrar does not take these records.' },
  // An earlier request like this one is still at work, and may act yet.
  400: { code: 'outcome-unknown', message: 'The registrar is still working on an earlier request.' },
};

const trademark: Meaning = {
  code: 'wrong-state',
  message: 'The name matches a registered trademark: a person must accept the notice at the registrar.',
};

/** Whether the code says that things are as asked. */
export function succeeded(code: number): boolean {
  return successes.has(code);
}

/** A reply that is no success, as a `PortError`. `acts`: whether the call may have changed something. */
export function nameSiloError(reply: NameSiloReply, acts: boolean): PortError {
  const meaning = meaningOf(reply) ?? {
    code: 'internal',
    message: 'The registrar answered in an unexpected way.',
  };
  const vendor = { code: String(reply.code), message: reply.detail.slice(0, 300) };
  return portError(meaning, acts, vendor);
}

/** An answer that is none: another status than 200, or a body that is no whole reply. */
export function unclearAnswer(acts: boolean, vendor: VendorDetails): PortError {
  return portError(unclear, acts, vendor);
}

function portError({ code, message }: Meaning, acts: boolean, vendor: VendorDetails): PortError {
  return new PortError(code === 'outcome-unknown' && !acts ? 'unavailable' : code, message, { details: { vendor } });
}

function meaningOf({ code, detail, body }: NameSiloReply): Meaning | undefined {
  if (code === 210 && child(body, 'claims') !== undefined) return trademark;
  // 261 is general; of its texts only this one is documented to mean that somebody else has the name.
  if (code === 261 && /unavailable for registration/i.test(detail)) return taken;
  return meanings[code];
}
