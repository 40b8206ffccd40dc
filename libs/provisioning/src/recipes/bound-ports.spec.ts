import { describe, expect, it } from '@jest/globals';
import type { BindingsService, ConnectionsService } from '@keelson/catalogue';
import { dnsPort, registrarPort } from '@keelson/core';
import { BoundPorts } from './bound-ports.service.js';

const connectionOf = (id: string) => ({ id, name: `connection ${id}` });

/** Ports of an installation where `new` is bound to every port. */
const ports = new BoundPorts(
  { connectionsFor: () => Promise.resolve([connectionOf('new')]) } as unknown as BindingsService,
  {
    find: (id: string) => Promise.resolve(connectionOf(id)),
    adapterFor: () => Promise.resolve({}),
  } as unknown as ConnectionsService,
);
const key = { productId: 'p', productType: 'hosting' };

describe('the ports of an order', () => {
  it('are those that are bound', async () => {
    expect(await ports.find(registrarPort, key)).toMatchObject({ connectionId: 'new' });
    expect(await ports.find(dnsPort, key)).toMatchObject({ connectionId: 'new' });
  });

  it('have a domain looked after by the registrar that holds it, whatever is bound meanwhile', async () => {
    const held = { ...key, registrarConnectionId: 'old' };
    expect(await ports.find(registrarPort, held)).toMatchObject({ connectionId: 'old', connection: 'connection old' });
    expect(await ports.find(dnsPort, held)).toMatchObject({ connectionId: 'new' });
  });
});
