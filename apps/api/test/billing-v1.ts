import { expect } from '@jest/globals';
import { signaturesOf } from '@keelson/hosting';
import type { Answer, TestApi } from './test-api.js';

/** What the panels of the tests and the installation share. */
export const licenceSecret = 'what the panels and the installation share';

/** A panel's own headers; its signatures cover them. */
const panel = { 'user-agent': 'panel/1.0', 'accept-language': 'en' };

/** Calls of the billing API v1 that several suites make. */
export class BillingV1 {
  private count = 0;

  constructor(private readonly api: TestApi) {}

  /** An address that nobody has. */
  email(): string {
    return `customer${(this.count += 1)}@shop.example`;
  }

  async addCustomer(more: object = {}): Promise<{ id: number; email: string }> {
    const body = { email: this.email(), full_name: 'Ada', ...more };
    const answer = await this.api.admin('POST', '/api/v1/customers', body);
    expect(answer.status).toBe(201);
    return answer.body as { id: number; email: string };
  }

  /** Default: of the plan `basic`, for a month, without a subscription. */
  async grant(customerId: number, more: object = {}): Promise<{ id: number; license_key: string }> {
    const terms = { plan_id: 'basic', billing_cycle: 'monthly', create_subscription: false, ...more };
    const answer = await this.api.admin('POST', `/api/v1/customers/${customerId}/licenses`, terms);
    expect(answer.status).toBe(201);
    return answer.body as { id: number; license_key: string };
  }

  /** Headers of somebody who signed in. */
  async signIn(email: string, password: string): Promise<{ authorization: string }> {
    const { body } = await this.api.call('POST', '/api/v1/auth/login', { email, password });
    return { authorization: `Bearer ${body.access_token}` };
  }

  /** A question as a panel signs it. */
  signed(key: string, feature: string, data: object = { nonce: (this.count += 1) }, at = Date.now()) {
    const timestamp = Math.floor(at / 1000);
    const origin = { ip: '127.0.0.1', userAgent: panel['user-agent'], acceptLanguage: panel['accept-language'] };
    const additionalData = { ...data };
    const [signature] = signaturesOf(licenceSecret, { key, timestamp, origin, additionalData });
    return { license_key: key, feature, timestamp, signature, additional_data: additionalData };
  }

  /** Sends a question as the panel does, or with other headers. */
  validate(body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.api.call('POST', '/api/v1/licenses/validate', body, { ...panel, ...headers });
  }

  /** The answer to a question that is all right. */
  async ask(
    key: string,
    feature: string,
  ): Promise<{ valid: boolean; remaining_quota: number | null; error: string | null }> {
    const { body } = await this.validate(this.signed(key, feature));
    return body as { valid: boolean; remaining_quota: number | null; error: string | null };
  }
}

/** The answer is a problem that clients of this API can read. */
export function expectProblem({ status, headers, body }: Answer, wanted: number, code?: string): void {
  expect([status, body]).toEqual([wanted, expect.objectContaining({ status: wanted, success: false })]);
  expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(typeof body.detail).toBe('string');
  if (code !== undefined) expect(body.code).toBe(code);
}
