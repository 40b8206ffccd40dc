import { setTimeout as sleep } from 'node:timers/promises';

/** A job as `GET /api/provisioning/tasks/:id` shows it, as far as it is read here. */
export interface JobView {
  id: string;
  status: string;
  error?: string;
  startedAt?: string;
  completedAt?: string;
  timeline: {
    step: string;
    status: string;
    startedAt?: string;
    durationMs?: number;
    connection?: string;
    reason?: string;
  }[];
}

/** Calls an HTTP API with JSON in and out. Throws with status and body when the answer is not 2xx. */
export async function callJson<T>(
  url: string,
  options: { method?: string; body?: unknown; token?: string } = {},
): Promise<T> {
  const response = await fetch(url, {
    method: options.method ?? 'GET',
    headers: {
      accept: 'application/json',
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
    },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    signal: AbortSignal.timeout(15_000),
  });
  const text = await response.text();
  if (!response.ok)
    throw new Error(`${options.method ?? 'GET'} ${url} answered ${response.status}: ${text.slice(0, 500)}`);
  return JSON.parse(text) as T;
}

/** Opens a checkout as a visitor of the store does. Returns the payment page and the session's id. */
export function openCheckout(
  apiUrl: string,
  order: { planId: string; email: string; domain: string; couponCode?: string },
): Promise<{ url: string; id: string }> {
  return callJson(`${apiUrl}/api/public/checkout`, {
    method: 'POST',
    body: {
      term: 'monthly',
      successUrl: `${apiUrl}/docs?session={CHECKOUT_SESSION_ID}`,
      cancelUrl: `${apiUrl}/docs`,
      domainMode: 'external',
      ...order,
    },
  });
}

/** Who buys, with what a registrar wants to know of the holder of a domain. */
const buyer = {
  name: 'Alice Demo',
  phone: '+442071234567',
  address: { line1: '1 Sample Road', city: 'London', state: 'London', postalCode: 'SW1A 1AA', country: 'GB' },
};

/** Opens a checkout as a marketing site does, with a domain that is bought along. Returns the payment page and the session's id. */
export async function openCheckoutWithDomain(
  apiUrl: string,
  order: { planId: string; email: string; domain: string },
): Promise<{ url: string; id: string }> {
  const { url, sessionId } = await callJson<{ url: string; sessionId: string }>(
    `${apiUrl}/api/checkout/create-session`,
    {
      method: 'POST',
      body: {
        planId: order.planId,
        billingCycle: 'monthly',
        customer: { ...buyer, email: order.email },
        domain: { mode: 'new_registration', value: order.domain },
      },
    },
  );
  return { url, id: sessionId };
}

/** Pays on the hosted page by submitting its form, as a browser does. Throws when the page does not send the customer back. */
export async function pay(pageUrl: string, card: string): Promise<void> {
  const page = await fetch(pageUrl);
  const html = await page.text();
  if (!page.ok || !html.includes('name="card"'))
    throw new Error(`the payment page ${pageUrl} shows no card form (${page.status})`);
  const action = /<form[^>]*\saction="([^"]+)"/.exec(html)?.[1];
  const answer = await fetch(new URL(action ?? pageUrl, pageUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ card, expiry: '12/34', cvc: '123', name: 'Demo Customer' }),
    redirect: 'manual',
  });
  if (answer.status < 300 || answer.status > 399)
    throw new Error(`the payment page refused the card (${answer.status})`);
}

/** Follows the session until it names its job. */
export async function findJob(apiUrl: string, sessionId: string, timeoutMs = 60_000): Promise<string> {
  const deadline = Date.now() + timeoutMs;
  for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 1.2, 2_000)) {
    const session = await callJson<{ provisioning: { jobId: string } | null }>(
      `${apiUrl}/api/checkout/session/${sessionId}`,
    );
    if (session.provisioning !== null) return session.provisioning.jobId;
    if (Date.now() > deadline)
      throw new Error(`no provisioning job for ${sessionId} after ${timeoutMs} ms: did the webhook arrive?`);
    await sleep(pauseMs);
  }
}

/** Follows the job until it is over or needs a person. */
export async function followJob(apiUrl: string, token: string, jobId: string, timeoutMs = 120_000): Promise<JobView> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const job = await callJson<JobView>(`${apiUrl}/api/provisioning/tasks/${jobId}`, { token });
    if (['completed', 'failed', 'cancelled', 'needs_attention'].includes(job.status)) return job;
    if (Date.now() > deadline)
      throw new Error(`job ${jobId} is still ${job.status} after ${timeoutMs} ms: ${JSON.stringify(job.timeline)}`);
    await sleep(100);
  }
}
