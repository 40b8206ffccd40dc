import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startTestApi, type TestApi } from './test-api.js';

jest.setTimeout(60_000);

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ PUBLIC_RATE_LIMIT: '1000' });
}, 120_000);
afterAll(() => api?.close());

/** A job that no worker has taken up. */
async function job(domain: string): Promise<string> {
  const customer = await api.admin('POST', '/api/customers', { name: 'Ada', email: `ada@${domain}` });
  const customerId = customer.body.data.id as string;
  const service = await api.admin('POST', '/api/services', { customerId, productId: 'vps', domain });
  const serviceId = service.body.data.id as string;
  const order = { serviceId, customerId, productId: 'vps', domain };
  return (await api.admin('POST', '/api/provisioning/provision', order)).body.jobId as string;
}

describe('a step of a job, decided by an operator', () => {
  it('is passed over with a reason, which the timeline shows', async () => {
    const id = await job('skip.example.com');
    const answer = await api.admin('POST', `/api/provisioning/tasks/${id}/steps/setup_dns/skip`, {
      reason: 'The customer keeps his own name servers',
    });
    expect(answer.status).toBe(202);
    const { body } = await api.admin('GET', `/api/provisioning/tasks/${id}`);
    expect(body.steps.setup_dns).toBe('skipped');
    expect(body.timeline.find(({ step }: { step: string }) => step === 'setup_dns').reason).toMatch(
      /own name servers$/,
    );
    const again = await api.admin('POST', `/api/provisioning/tasks/${id}/steps/setup_dns/skip`, { reason: 'again' });
    expect(again.status).toBe(409);
    expect(again.body.jobId).toBe(id);
  });

  it('is marked done with evidence and what it makes known', async () => {
    const id = await job('done.example.com');
    const path = `/api/provisioning/tasks/${id}/steps/fulfil_by_hand/done`;
    const wrong = await api.admin('POST', path, { evidence: 'Ticket 1', output: { ip: '300.1.1.1' } });
    expect(wrong.status).toBe(400);
    expect(wrong.body.detail).toMatch(/ip has to be/);
    const right = await api.admin('POST', path, { evidence: 'Ticket 1', output: { ip: '192.0.2.44' } });
    expect(right.status).toBe(202);
  });

  let refused: Promise<string> | undefined;
  it.each([
    ['skip', {}],
    ['skip', { reason: '' }],
    ['skip', { reason: 'a\nb' }],
    ['skip', { reason: 'x', force: true }],
    ['done', {}],
    ['done', { evidence: 'x', output: 'text' }],
    ['done', { evidence: 5 }],
  ])('refuses %s with %j', async (what, body) => {
    refused ??= job('refused.example.com');
    const { status } = await api.admin(
      'POST',
      `/api/provisioning/tasks/${await refused}/steps/setup_dns/${what}`,
      body,
    );
    expect(status).toBe(400);
  });

  it('is nobody else’s business', async () => {
    const id = await job('mine.example.com');
    const { status } = await api.call('POST', `/api/provisioning/tasks/${id}/steps/setup_dns/skip`, { reason: 'x' });
    expect(status).toBe(401);
    expect((await api.admin('POST', `/api/provisioning/tasks/${id}/steps/nope/skip`, { reason: 'x' })).status).toBe(
      404,
    );
  });
});
