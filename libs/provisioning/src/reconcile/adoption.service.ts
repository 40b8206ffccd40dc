import { isPortError, PortError, provisionerPort } from '@keelson/core';
import { AuditService, CustomerExistsError, CustomersService } from '@keelson/customers';
import { inTransaction, newId, toPublicId } from '@keelson/database';
import {
  DnsZone,
  Domain,
  DomainTakenError,
  moveService,
  Server,
  ServerSlots,
  Service,
  ServicesService,
  Website,
} from '@keelson/hosting';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import {
  type AdoptableProduct,
  type AdoptedAccount,
  type AdoptionDecision,
  type AdoptionOptions,
  type KnownToAdoption,
  planAdoption,
} from './adoption-plan.js';
import { AdoptionRefusedError } from './drift.errors.js';
import { allPages } from './reconcile.types.js';
import { type VendorConnection, VendorConnections } from './vendor-connections.service.js';

export interface AdoptionRequest extends AdoptionOptions {
  /** Name of a connection that a server is on. */
  connection: string;
  /** Shows what would be written, and writes nothing. */
  dryRun: boolean;
}

/** Somebody else was faster: the account has a service by now. */
class AccountTakenError extends Error {}

/** Brings accounts that a panel has already under management. Nothing at the panel is touched. */
@Injectable()
export class AdoptionService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly vendors: VendorConnections,
    private readonly customers: CustomersService,
    private readonly services: ServicesService,
    private readonly slots: ServerSlots,
    private readonly audit: AuditService,
  ) {}

  /**
   * Writes, for each account, its customer (new, or the one with that address), a service in the state that the account is in, with site,
   * domain and the account as its remote resource, and counts its place on the server. A service comes with all of it or not at all.
   * Repeating it writes nothing new. What belongs to somebody else is reported as a conflict and left alone.
   * @throws AdoptionRefusedError when the connection has no server of its own
   * @throws PortError when the panel does not list its accounts to the end: then nothing was written
   */
  async adopt(request: AdoptionRequest, actor: string): Promise<AdoptionDecision[]> {
    const connection = await this.connectionOf(request.connection);
    const server = await this.serverOf(connection);
    const adapter = await this.vendors.adapterFor(provisionerPort, connection.id);
    const accounts = await allPages((cursor) => adapter.listAccounts(cursor));
    const packages = await adapter.listPackages();
    const decisions = planAdoption(accounts, packages, await this.known(connection.id), request);
    if (request.dryRun) return decisions;
    const written: AdoptionDecision[] = [];
    for (const decision of decisions) {
      written.push(decision.action === 'adopt' ? await this.write(decision, server, actor) : decision);
    }
    return written;
  }

  private async connectionOf(name: string): Promise<VendorConnection> {
    const found = (await this.vendors.list()).find((connection) => connection.name === name);
    if (found === undefined) throw new AdoptionRefusedError(`There is no enabled connection "${name}".`);
    if (found.ports.includes(provisionerPort.id)) return found;
    throw new AdoptionRefusedError(
      `The connection ${name} keeps no accounts: it does not speak ${provisionerPort.id}.`,
    );
  }

  private async serverOf({ id, name }: VendorConnection): Promise<Server> {
    const [server, ...others] = await this.dataSource.manager.findBy(Server, { connectionId: id });
    if (server !== undefined && others.length === 0) return server;
    throw new AdoptionRefusedError(
      server === undefined
        ? `No server uses the connection ${name}: name one in keelson.config.yaml and run keelson setup.`
        : `Several servers use the connection ${name}: give each a connection of its own.`,
    );
  }

  private async known(connectionId: string): Promise<KnownToAdoption> {
    const { manager } = this.dataSource;
    const services = await manager.query<{ username: string; serviceId: string; email: string }[]>(
      `SELECT s.username, s.id AS "serviceId", c.email
         FROM services s JOIN servers v ON v.id = s.server_id JOIN customers c ON c.id = s.customer_id
        WHERE v.connection_id = $1 AND s.username IS NOT NULL AND s.status <> 'terminated'`,
      [connectionId],
    );
    const domains = await manager.query<{ name: string; serviceId: string | null; email: string }[]>(
      `SELECT d.name, d.service_id AS "serviceId", c.email FROM domains d JOIN customers c ON c.id = d.customer_id
        WHERE d.status IN ('pending', 'active', 'expired')`,
    );
    const customers = await manager.query<{ email: string }[]>('SELECT lower(email) AS email FROM customers');
    const products = await manager.query<AdoptableProduct[]>(
      `SELECT p.id, p.slug, p.type, coalesce(p.package_name, p.slug) AS package,
              ARRAY(SELECT a.alias FROM product_aliases a WHERE a.product_id = p.id) AS aliases
         FROM products p ORDER BY p.slug`,
    );
    return {
      services: new Map(services.map(({ username, ...service }) => [username, service])),
      domains: new Map(domains.map(({ name, ...holder }) => [name, holder])),
      customers: new Set(customers.map(({ email }) => email)),
      products,
    };
  }

  private async write(decision: AdoptedAccount, server: Server, actor: string): Promise<AdoptionDecision> {
    const { username } = decision;
    try {
      const customerId = await this.customerFor(decision, actor);
      await inTransaction(this.dataSource, (manager) =>
        this.writeService(manager, decision, customerId, server, actor),
      );
      return decision;
    } catch (error) {
      const taken = error instanceof AccountTakenError || error instanceof DomainTakenError;
      if (!taken && !(isPortError(error) && error.code === 'invalid-input')) throw error;
      return { action: 'conflict', username, why: error.message };
    }
  }

  private async customerFor({ customer: { email, name } }: AdoptedAccount, actor: string): Promise<string> {
    try {
      return (await this.customers.create({ email, name, metadata: { adopted: true } }, actor)).id;
    } catch (error) {
      if (error instanceof CustomerExistsError) return error.customerId;
      throw error;
    }
  }

  private async writeService(
    manager: EntityManager,
    { account, username, domain, package: packageName, product }: AdoptedAccount,
    customerId: string,
    server: Server,
    actor: string,
  ): Promise<void> {
    const { id } = await this.services.create(manager, {
      ...{ customerId, productId: product.id, type: product.type, packageName },
      ...(domain !== undefined && { domain }),
    });
    const { remoteId, externalId } = account;
    const resources = await manager.query<unknown[]>(
      `INSERT INTO remote_resources (id, service_id, connection_id, kind, remote_id, data) VALUES ($1, $2, $3, 'account', $4, $5)
       ON CONFLICT (connection_id, kind, remote_id) DO NOTHING RETURNING id`,
      [newId(), id, server.connectionId, remoteId, { adopted: true, ...(externalId && { externalId }) }],
    );
    if (resources.length === 0) throw new AccountTakenError('it belongs to another service already');
    if (!(await this.slots.occupy(manager, id, server.id)))
      throw new PortError('internal', 'The service has a place already.');
    const facts = { username, ip: account.ip ?? null, panelUrl: account.panelUrl ?? null };
    const nameservers = account.nameservers ?? server.nameservers;
    await manager.update(Service, { id }, { ...facts, nameservers, provisionedAt: () => 'now()' });
    await moveService(manager, id, 'active');
    if (account.state === 'suspended') {
      await moveService(manager, id, 'suspended', { reason: account.suspendReason ?? 'suspended at the panel' });
    }
    await manager.update(Website, { serviceId: id }, { status: account.state });
    await manager.update(Domain, { serviceId: id, status: 'pending' }, { status: 'active' });
    // Its zone, wherever it is kept, is not ours.
    await manager.update(DnsZone, { serviceId: id }, { status: 'skipped' });
    const detail = { connectionId: server.connectionId, username, ...(domain !== undefined && { domain }) };
    const subjectId = toPublicId('srv', id);
    await this.audit.record(manager, { actor, action: 'service.adopted', subjectType: 'service', subjectId, detail });
  }
}
