import { createHmac } from 'node:crypto';

export interface WebhookTarget {
  url: string;
  /** Key of the signature. Never logged. */
  secret: Buffer;
}

const patienceMs = 10_000;

/**
 * Posts a message as Standard Webhooks describe it (https://www.standardwebhooks.com): `webhook-id` is the same at every repetition,
 * `webhook-signature` is `v1,` and the HMAC-SHA256 of `id.timestamp.body` in base64. Redirects are not followed.
 * @throws Error unless the answer is 2xx within ten seconds
 */
export async function postSigned({ url, secret }: WebhookTarget, id: string, message: object): Promise<void> {
  const body = JSON.stringify(message);
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64');
  const response = await fetch(url, {
    method: 'POST',
    redirect: 'manual',
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${signature}`,
    },
    body,
    signal: AbortSignal.timeout(patienceMs),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`the receiver answered ${response.status}`);
}
