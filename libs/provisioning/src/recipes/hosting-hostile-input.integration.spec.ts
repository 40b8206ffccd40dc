import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { invariants, sound } from '../../test/invariants.js';
import { ProvisioningHarness } from '../../test/provisioning-harness.js';

/** What the API refuses, and yet may come out of an import or an older release. */
const hostile = [
  ['a formula', `=cmd|' /C calc'!A0`],
  ['line breaks and a header', 'Ada\r\nBcc: everybody@example.net\r\n\r\nFree money'],
  ['a script', '<script>alert(1)</script>"><img src=x onerror=alert(1)>'],
  ['writing from right to left, and signs that turn it', 'שלום \u202Egpj.exe عالم'],
  ['pictures of several characters', '👩‍👩‍👧‍👦 Ada 🏳️‍🌈'],
  ['SQL', `Robert'); DROP TABLE services;--`],
  ['shell', '$(reboot) `reboot` ; reboot'],
  ['ten thousand characters', 'x'.repeat(10_000)],
] as const;

describe('an order of somebody whose name and company is', () => {
  let harness: ProvisioningHarness;

  beforeAll(async () => {
    harness = await ProvisioningHarness.open();
  }, 120_000);
  afterAll(() => harness?.close());
  beforeEach(() => harness.reset());

  it.each(hostile)('%s: reaches every vendor as one name, and no vendor as anything else', async (_what, name) => {
    await harness.dataSource.query('UPDATE customers SET name = $1, company = $1 WHERE id = $2', [
      name,
      harness.customer.id,
    ]);
    const { taskId } = await harness.order({ domainMode: 'new_registration' });
    expect((await harness.finish(taskId)).status).toBe('completed');
    expect(await invariants(harness)).toEqual(sound);
    const [account] = [...harness.panel.accounts.values()];
    expect(account?.username).toMatch(/^[a-z][a-z0-9]{0,15}$/);
    expect([...harness.names.zones.keys()]).toEqual(['shop.example']);
    expect([...harness.mailboxes.mailboxes.keys()]).toEqual(['admin@shop.example']);
    const [mail] = harness.mail.delivered;
    expect(mail?.to.map(({ address }) => address)).toEqual(['ada@example.org']);
    expect(mail?.to[0]?.name).not.toMatch(/[\r\n]/);
    expect(mail?.subject).not.toMatch(/[\r\n]/);
    expect(mail?.html).not.toMatch(/<script|<img src=x/);
  });
});
