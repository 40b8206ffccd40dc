/** A refusal of the API, in words for the customer. */
export class Problem extends Error {
  /**
   * @param {string} message
   * @param {{ status?: number, fields?: Record<string, string> }} [more] `fields`: messages by the name of the field sent
   */
  constructor(message, { status = 0, fields = {} } = {}) {
    super(message);
    this.status = status;
    this.fields = fields;
  }
}

const base = window.KEELSON_API.replace(/\/+$/, '');

/** Asks the API and returns its JSON. Throws a `Problem` for everything else. */
export async function ask(path, body) {
  let answer;
  try {
    answer = await fetch(base + path, {
      signal: AbortSignal.timeout(20_000),
      credentials: 'omit',
      cache: 'no-store',
      ...(body === undefined
        ? {}
        : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
  } catch {
    throw new Problem('We cannot reach the shop at the moment. Check your connection and try again.');
  }
  const json = await answer.json().catch(() => undefined);
  if (answer.ok && json !== undefined) return json;
  throw problemOf(answer, json ?? {});
}

/** An `application/problem+json` body in friendly words. */
function problemOf({ status, headers }, { detail, errors = [] }) {
  const fields = Object.fromEntries(errors.map(({ path, message }) => [path, sentence(message)]));
  return new Problem(messageOf(status, headers.get('retry-after'), detail), { status, fields });
}

function messageOf(status, retryAfter, detail) {
  if (status === 429) {
    const minutes = Math.ceil(Number(retryAfter) / 60);
    return `You have tried many times. Please wait ${minutes > 1 ? `${minutes} minutes` : 'a minute'} and try again.`;
  }
  if (status >= 500) return 'Something went wrong on our side. Please try again in a minute.';
  return typeof detail === 'string' && detail !== '' ? sentence(detail) : 'We could not take the order like this.';
}

function sentence(text) {
  const whole = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}
