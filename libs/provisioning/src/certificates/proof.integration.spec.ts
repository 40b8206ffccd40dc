import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { dnsPort, PortError } from '@keelson/core';
import { inTransaction } from '@keelson/database';
import { CertificateWorld, day } from '../../test/certificate-world.js';
import { ProvisioningHarness } from '../../test/provisioning-harness.js';
import { loadHostingOrder } from '../recipes/hosting-order.js';
import { revokeCertificates } from '../recipes/steps/revoke-certificates.step.js';

let harness: ProvisioningHarness;
let world: CertificateWorld;

beforeAll(async () => {
  harness = await ProvisioningHarness.open();
  world = new CertificateWorld(harness);
}, 120_000);
afterAll(() => harness?.close());
beforeEach(() => world.reset());

const shown = () => harness.dataSource.query<{ path: string }[]>('SELECT path FROM http_challenges');

describe('a domain whose name servers are not ours', () => {
  beforeEach(() => {
    world.nameServers = 'elsewhere';
  });

  it('is proven over HTTP, with the names that lead to us', async () => {
    world.leads.add('shop.example');
    await world.services.active();
    expect(await world.certificates()).toMatchObject([
      { status: 'installed', method: 'http-01', domains: ['shop.example'] },
    ]);
    expect(await shown()).toEqual([]);
  });

  it('gets a certificate for www as well when that leads to us too', async () => {
    world.leads.add('shop.example').add('www.shop.example');
    await world.services.active();
    expect((await world.certificates())[0]?.domains).toEqual(['shop.example', 'www.shop.example']);
  });

  it('costs no order while it leads elsewhere', async () => {
    world.leads.add('www.shop.example');
    const { serviceId } = await harness.order();
    expect(await world.work(serviceId)).toMatchObject({ status: 'completed' });
    expect(await world.certificates()).toEqual([]);
    expect(world.authority.orders.size).toBe(0);
    expect(await world.renewal(serviceId)).toMatchObject({ error: 'shop.example does not lead to us.' });
    expect(await shown()).toEqual([]);
  });

  it('is proven through DNS when its name servers become ours before the order is finished', async () => {
    world.leads.add('shop.example');
    const ask = harness.tools.web.ask;
    // Our own trial is seen; the authority's proof is not.
    harness.tools.web.ask = async (...question) => (world.authority.orders.size === 0 ? ask(...question) : undefined);
    const { serviceId, taskId } = await harness.order();
    await harness.finish(taskId, ({ status }) => status === 'waiting');
    world.nameServers = 'ours';
    await world.work(serviceId);
    expect(await world.certificates()).toMatchObject([
      { status: 'failed', method: 'http-01' },
      { status: 'installed', method: 'dns-01', domains: ['shop.example', 'www.shop.example'] },
    ]);
    expect(await shown()).toEqual([]);
  });
});

describe('an installation without a connection for DNS', () => {
  it('proves domains over HTTP, wherever their name servers are', async () => {
    harness.ports.bound.delete(dnsPort.id);
    world.leads.add('shop.example').add('www.shop.example');
    await world.services.active();
    expect(await world.certificates()).toMatchObject([{ status: 'installed', method: 'http-01' }]);
  });
});

describe('revoking the certificates of a service that ends', () => {
  const revoke = () => revokeCertificates(harness.tools);
  const end = async (serviceId: string) => {
    const order = await loadHostingOrder(harness.dataSource.manager, { serviceId });
    const context = { order } as Parameters<ReturnType<typeof revoke>['run']>[0];
    const step = revoke();
    const output = (await step.look?.(context)) ?? (await step.run(context));
    await inTransaction(harness.dataSource, async (manager) => step.record?.(context, output as never, manager));
    return output;
  };

  it('makes all of them invalid at their authority, with the reason, and ends their schedule', async () => {
    const serviceId = await world.services.active();
    await world.reach(await world.dueAt(serviceId));
    await world.schedule().beginDue();
    await world.work(serviceId);
    const serials = (await world.certificates()).map(({ serial }) => serial);
    expect(await end(serviceId)).toEqual({ revoked: serials, unknown: [] });
    expect(serials.map((serial) => world.authority.reasons.get(serial))).toEqual(
      Array(2).fill('cessation-of-operation'),
    );
    expect((await world.certificates()).map(({ status }) => status)).toEqual(['revoked', 'revoked']);
    expect(await harness.tools.renewals.find(serviceId)).toBeUndefined();
    await world.pass(400 * day);
    expect(await world.schedule().beginDue()).toBe(0);
  });

  it('does nothing a second time, and nothing for what ran out or was never there', async () => {
    const serviceId = await world.services.active();
    await end(serviceId);
    expect(await end(serviceId)).toEqual({ revoked: [], unknown: [] });
    const other = await world.services.active({ domain: 'other.example' });
    await harness.dataSource.query(
      `UPDATE certificates SET not_after = now() - interval '1 day' WHERE service_id = $1`,
      [other],
    );
    expect(await end(other)).toEqual({ revoked: [], unknown: [] });
    expect(world.authority.calls.ledger.entries('revokeCertificate')).toHaveLength(1);
  });

  it('goes on with those that are left after the authority failed half-way', async () => {
    const serviceId = await world.services.active();
    await world.reach(await world.dueAt(serviceId));
    await world.schedule().beginDue();
    await world.work(serviceId);
    world.authority.calls.set({ method: 'revokeCertificate', times: 1, error: new PortError('unavailable', 'Later.') });
    await expect(end(serviceId)).rejects.toMatchObject({ code: 'unavailable' });
    expect(await end(serviceId)).toMatchObject({ unknown: [] });
    expect((await world.certificates()).map(({ status }) => status)).toEqual(['revoked', 'revoked']);
  });

  it('leaves alone what the authority does not know, and says so', async () => {
    const serviceId = await world.services.active();
    world.authority.certificates.clear();
    const [certificate] = await world.certificates();
    expect(await end(serviceId)).toEqual({ revoked: [], unknown: [certificate?.serial] });
    expect(await world.certificates()).toMatchObject([{ status: 'installed' }]);
  });
});
