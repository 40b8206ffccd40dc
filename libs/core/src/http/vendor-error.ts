import { PortError, type PortErrorCode, type VendorDetails } from '../errors/port-error.js';

/** What a refusal of a vendor means: our code, and a sentence that a customer may read and that names no vendor. */
export type Meaning = readonly [code: PortErrorCode, message: string];

/** What an answer says, taken from it unread: texts and numbers count, anything else is left out. */
export interface VendorSaid extends Pick<VendorDetails, 'status' | 'requestId'> {
  /** Whether the request may have changed something. */
  acts: boolean;
  /** The vendor's own error code. */
  code?: unknown;
  /** Its sentence. */
  message?: unknown;
}

/**
 * The error for an answer that is no documented success. Without a meaning nothing is proven: `outcome-unknown` when the request
 * acts, `unavailable` when it only reads.
 * @param said for operators; it must hold no secret
 */
export function vendorError(meaning: Meaning | undefined, { acts, status, requestId, ...said }: VendorSaid): PortError {
  const unclear: Meaning = [acts ? 'outcome-unknown' : 'unavailable', 'The provider gave no clear answer.'];
  const [code, message] = meaning ?? unclear;
  const known = { status, requestId, code: shortText(said.code), message: shortText(said.message) };
  const vendor = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
  return new PortError(code, message, { details: { vendor } });
}

function shortText(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value).slice(0, 300) : undefined;
}
