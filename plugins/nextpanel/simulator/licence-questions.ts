import { createHash, createHmac, randomUUID } from 'node:crypto';

/** What a panel needs to ask the billing side. */
export interface PanelLicence {
  /** Of the billing side, without `/api`. */
  url: string;
  key: string;
  /** Shared with the billing side. */
  secret: string;
  /** Number of the licence at the billing side, and a token that may report its use. */
  id: number;
  token: string;
}

const resources = { account: 'accounts', domain: 'domains', database: 'databases', email: 'emails' } as const;

/** What a panel counts. */
export type PanelResource = keyof typeof resources;

/** The panel sees itself under this address, as the billing side does. */
const address = '127.0.0.1';
const headers = { 'user-agent': 'NextPanel/1.0', 'accept-language': 'en-US,en;q=0.9' };

/** Asks the billing side whether one more may be created; the reason when not. */
export async function refusalOf(licence: PanelLicence, resource: PanelResource): Promise<string | undefined> {
  const timestamp = Math.floor(Date.now() / 1000);
  const additional = { nonce: randomUUID() };
  const body = {
    license_key: licence.key,
    feature: `create_${resource}`,
    timestamp,
    signature: sign(licence, timestamp, `{"nonce": "${additional.nonce}"}`),
    additional_data: additional,
  };
  const answer = await post(`${licence.url}/api/v1/licenses/validate`, body, headers);
  return answer.valid === true ? undefined : String(answer.error);
}

/** Tells the billing side that there is one more, or one fewer. A repetition under the same key counts once. */
export async function reportUse(licence: PanelLicence, resource: PanelResource, delta: 1 | -1): Promise<void> {
  const body = { license_id: licence.id, resource_type: resources[resource], delta };
  await post(`${licence.url}/api/v1/usage/update`, body, {
    authorization: `Bearer ${licence.token}`,
    'idempotency-key': randomUUID(),
  });
}

function sign({ key, secret }: PanelLicence, timestamp: number, additional: string): string {
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const agent = sha256(headers['user-agent']).slice(0, 16);
  const language = sha256(headers['accept-language']).slice(0, 8);
  const fingerprint = sha256(`ip:${address}|ua:${agent}|lang:${language}`);
  return createHmac('sha256', secret).update(`${key}|${timestamp}|${fingerprint}|${additional}`).digest('hex');
}

async function post(url: string, body: object, more: Record<string, string>): Promise<Record<string, unknown>> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...more },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`the billing side answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Record<string, unknown>;
}
