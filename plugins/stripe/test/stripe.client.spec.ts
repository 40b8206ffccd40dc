import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { adapterWith, plan, purchase } from './stripe-environment.js';

interface Seen {
  method?: string;
  url?: string;
  headers: IncomingHttpHeaders;
  body: string;
}

const servers: Server[] = [];

/** A server that answers every request alike and remembers them. */
async function answering(status: number, body: string, headers: Record<string, string> = {}) {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
    request.on('end', () => {
      seen.push({ method: request.method, url: request.url, headers: request.headers, body: text });
      response.writeHead(status, { 'content-type': 'application/json', 'request-id': 'req_42', ...headers }).end(body);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const apiBase = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { seen, apiBase, adapter: adapterAt(apiBase) };
}

function adapterAt(apiBase: string) {
  return adapterWith({ secretKey: 'sk_test_client', webhookSecret: 'whsec_0123456789abcdef0123456789', apiBase });
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const session = JSON.stringify({
  id: 'cs_1',
  object: 'checkout.session',
  status: 'open',
  payment_status: 'unpaid',
  currency: 'usd',
});

describe('requests', () => {
  it('carry the key, the API version and the reference as idempotency key, and no telemetry', async () => {
    const { adapter, seen } = await answering(200, session);
    await adapter.createCheckout(purchase);
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ method: 'POST', url: '/v1/checkout/sessions' });
    expect(seen[0]?.headers).toMatchObject({
      authorization: 'Bearer sk_test_client',
      'stripe-version': '2026-10-28.endive',
      'idempotency-key': 'checkout-order-1',
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
    });
    expect(seen[0]?.headers).not.toHaveProperty('x-stripe-client-telemetry');
  });

  it('write nested fields with brackets, and any text unharmed', async () => {
    const { adapter, seen } = await answering(200, session);
    const name = 'Käse & Brot = 100 % + ✓ [x]';
    await adapter.createCheckout({
      ...plan,
      discount: undefined,
      lines: plan.lines.map((line) => ({ ...line, name })),
    });
    const fields = new URLSearchParams(seen[0]?.body);
    expect(fields.get('line_items[0][price_data][product_data][name]')).toBe(name);
    expect(fields.get('line_items[0][price_data][recurring][interval]')).toBe('month');
    expect(fields.get('subscription_data[metadata][planId]')).toBe('basic');
    expect(fields.get('success_url')).toBe(plan.successUrl);
  });

  it('go below the path of the address, where it has one', async () => {
    const { apiBase, seen } = await answering(200, '{"object":"list","data":[],"has_more":false}');
    await adapterAt(`${apiBase}/vendors/stripe/`).testConnection();
    expect(seen[0]?.url).toBe('/vendors/stripe/v1/checkout/sessions?limit=1');
  });

  it('are sent once, whatever the answer', async () => {
    for (const [status, headers] of [
      [500, {}],
      [503, {}],
      [409, {}],
      [429, {}],
      [502, { 'stripe-should-retry': 'true' }],
    ] as const) {
      const { adapter, seen } = await answering(status, '{"error":{"type":"api_error"}}', headers);
      await expect(adapter.createCheckout(purchase)).rejects.toMatchObject({ name: 'PortError' });
      expect([status, seen.length]).toEqual([status, 1]);
    }
  });
});

describe('failures', () => {
  it('of a server that is not there are unavailable, also for calls that act', async () => {
    const { apiBase, adapter } = await answering(200, '{}');
    servers.pop()?.close();
    expect(apiBase).toContain('127.0.0.1');
    await expect(adapter.createCheckout(purchase)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(adapter.testConnection()).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('of the vendor itself are unknown for calls that act and unavailable for others, with its request id', async () => {
    const { adapter } = await answering(500, '{"error":{"type":"api_error"}}');
    const details = { vendor: { status: 500, requestId: 'req_42' } };
    await expect(adapter.createCheckout(purchase)).rejects.toMatchObject({ code: 'outcome-unknown', details });
    await expect(adapter.getCheckout('cs_1')).rejects.toMatchObject({ code: 'unavailable', details });
  });

  it('include a redirect, which is not followed', async () => {
    const target = await answering(200, session);
    const { adapter } = await answering(307, '', { location: `${target.apiBase}/v1/checkout/sessions` });
    await expect(adapter.createCheckout(purchase)).rejects.toMatchObject({ code: 'outcome-unknown' });
    expect(target.seen).toEqual([]);
  });

  it('include answers of a shape that Stripe does not have', async () => {
    for (const body of ['null', '[]', '"text"', '42', '{}', '{"object":"list"}']) {
      const { adapter } = await answering(200, body);
      await expect(adapter.getSubscription('sub_1')).rejects.toMatchObject({ name: 'PortError', code: 'internal' });
    }
  });
});
