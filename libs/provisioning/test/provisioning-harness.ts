import { catalogueEntities, Product, ProductsService } from '@keelson/catalogue';
import {
  type AdapterOf,
  type AnyPort,
  dnsPort,
  guardAdapter,
  Keyring,
  loadSettings,
  mailboxPort,
  mailPort,
  PortError,
  provisionerPort,
  type ProductType,
  registrarPort,
  type Settings,
  systemClock,
} from '@keelson/core';
import { Customer, customerEntities } from '@keelson/customers';
import { dataSourceOptions, inTransaction, newId } from '@keelson/database';
import {
  CertificateRenewals,
  CertificatesService,
  DomainsService,
  hostingEntities,
  HttpChallenges,
  LicenceKeys,
  Licences,
  type NewService,
  Server,
  ServerSlots,
  Service,
  ServiceSecrets,
  ServicesService,
} from '@keelson/hosting';
import { notificationEntities, NotificationsService } from '@keelson/notifications';
import { testDatabase } from '@keelson/testing/database';
import {
  memoryDnsCapabilities,
  MemoryDnsAdapter,
  MemoryHostingServer,
  MemoryMailAdapter,
  memoryMailboxCapabilities,
  MemoryMailboxAdapter,
  MemoryMailboxServer,
  MemoryNameServer,
  memoryProvisionerCapabilities,
  MemoryProvisionerAdapter,
  MemoryRegistrar,
  MemoryRegistrarAdapter,
} from '@keelson/testing/memory';
import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Leases } from '../src/engine/leases.service.js';
import { StepRunner } from '../src/engine/step-runner.service.js';
import {
  type BindingKey,
  type BoundAdapter,
  defaultRetryPolicy,
  Journal,
  OrderPorts,
  provisioningEntities,
  ProvisioningService,
  type ProvisioningTask,
  type Recipe,
  RecipeRegistry,
  reconcileEntities,
  type RetryPolicy,
  TaskRunner,
} from '../src/index.js';
import { allRecipes } from '../src/lifecycle/all-recipes.js';
import type { ConnectionGates } from '../src/isolation/connection-gates.service.js';
import type { RecipeTools } from '../src/recipes/recipe-tools.js';
import { connectionGates } from './connection-gates.js';
import { NoWakeUps } from './no-wake-ups.js';

const fastPolicy: RetryPolicy = {
  ...defaultRetryPolicy,
  baseMs: 5,
  ceilingMs: 10,
  attempts: 4,
  looksMs: [5, 5, 5, 5],
  absenceGapMs: 5,
  holdMs: 10,
};

/** What is bound, by port; a provisioner is the one of the service's server. */
export class MemoryPorts extends OrderPorts {
  readonly bound = new Map<string, { adapter: object; capabilities: readonly string[]; connectionId: string }>();
  /** By connection. */
  readonly servers = new Map<string, MemoryHostingServer>();

  override find<P extends AnyPort>(port: P, key: BindingKey): Promise<BoundAdapter<P> | undefined> {
    const known = port.id === provisionerPort.id ? this.provisionerOf(key) : this.bound.get(port.id);
    if (known === undefined) return Promise.resolve(undefined);
    const { adapter, capabilities, connectionId } = known;
    const connection = `memory ${port.id}`;
    const guarded = guardAdapter(adapter, { port, capabilities, connection });
    return Promise.resolve({ adapter: guarded, connectionId, connection });
  }

  override async at<P extends AnyPort>(port: P, connectionId: string, key: BindingKey): Promise<AdapterOf<P>> {
    const bound = await this.find(
      port,
      port.id === provisionerPort.id ? { ...key, serverConnectionId: connectionId } : key,
    );
    if (bound?.connectionId !== connectionId) throw new PortError('invalid-config', 'The connection no longer exists.');
    return bound.adapter;
  }

  private provisionerOf({ serverConnectionId: connectionId = '' }: BindingKey) {
    const server = this.servers.get(connectionId);
    if (server === undefined) return undefined;
    return { adapter: new MemoryProvisionerAdapter(server), capabilities: memoryProvisionerCapabilities, connectionId };
  }
}

/** Provisioning over a database of its own and vendors in memory. */
export class ProvisioningHarness {
  readonly journal: Journal;
  readonly provisioning: ProvisioningService;
  readonly secrets: ServiceSecrets;
  readonly tools: RecipeTools;
  readonly registry: RecipeRegistry;
  ports!: MemoryPorts;
  names!: MemoryNameServer;
  mailboxes!: MemoryMailboxServer;
  mail!: MemoryMailAdapter;
  registrar!: MemoryRegistrar;
  /** Panel of `web1`, the server that `reset` adds. */
  panel!: MemoryHostingServer;
  customer!: Customer;
  /** How far the clock of the steps is ahead of the machine's; `pass` moves it. */
  private aheadMs = 0;
  /** Of runners made from now on; `reset` makes it fast again. */
  policy = fastPolicy;
  private readonly services: ServicesService;
  private readonly leases: Leases[] = [];
  private readonly gates: ConnectionGates[] = [];

  private constructor(
    readonly dataSource: DataSource,
    private readonly drop: () => Promise<void>,
    readonly settings: Settings,
    recipes?: Recipe[],
  ) {
    this.journal = new Journal(dataSource, new NoWakeUps());
    this.secrets = new ServiceSecrets(dataSource, Keyring.fromText('00'.repeat(32)));
    this.services = new ServicesService(dataSource, this.secrets);
    const notifications = new NotificationsService(dataSource, settings);
    const keyring = Keyring.fromText('00'.repeat(32));
    // The vendors are made anew before each test; recipes are made once.
    const ports: OrderPorts = {
      find: (port, key) => this.ports.find(port, key),
      at: (port, connectionId, key) => this.ports.at(port, connectionId, key),
    };
    this.tools = {
      dataSource,
      services: this.services,
      slots: new ServerSlots(),
      secrets: this.secrets,
      certificates: new CertificatesService(dataSource, keyring),
      renewals: new CertificateRenewals(dataSource),
      httpChallenges: new HttpChallenges(dataSource),
      licences: new Licences(dataSource, new LicenceKeys(dataSource, keyring), systemClock),
      domains: new DomainsService(dataSource, this.secrets),
      products: new ProductsService(dataSource),
      clock: { now: () => new Date(Date.now() + this.aheadMs) },
      notifications,
      ports,
      dns: { ask: () => Promise.resolve([]) },
      web: { ask: () => Promise.resolve(undefined) },
      settings,
    };
    this.registry = new RecipeRegistry(recipes ?? allRecipes(this.tools));
    this.provisioning = new ProvisioningService(dataSource, this.journal, this.registry);
  }

  /** @param env settings beside the defaults */
  static async open(options: { env?: NodeJS.ProcessEnv; recipes?: Recipe[] } = {}): Promise<ProvisioningHarness> {
    Logger.overrideLogger(false);
    const database = await testDatabase();
    const dataSource = await new DataSource(
      dataSourceOptions({ url: database.url, poolSize: 20 }, [
        ...customerEntities,
        ...catalogueEntities,
        ...hostingEntities,
        ...notificationEntities,
        ...provisioningEntities,
        ...reconcileEntities,
      ]),
    ).initialize();
    const settings = loadSettings({
      JWT_SECRET: 'x'.repeat(32),
      NS1: 'ns1.keelson.test',
      NS2: 'ns2.keelson.test',
      ...options.env,
    });
    return new ProvisioningHarness(dataSource, () => database.drop(), settings, options.recipes);
  }

  async close(): Promise<void> {
    this.leases.forEach((leases) => leases.onApplicationShutdown());
    this.gates.forEach((gates) => gates.onApplicationShutdown());
    await this.dataSource.destroy();
    await this.drop();
  }

  /** Empties the tables, puts fresh vendors in place, and adds one server with room. */
  async reset(): Promise<void> {
    await this.dataSource.query('TRUNCATE customers, products, connections, servers, email_log CASCADE');
    this.policy = fastPolicy;
    this.aheadMs = 0;
    this.ports = new MemoryPorts();
    this.names = new MemoryNameServer();
    this.mailboxes = new MemoryMailboxServer();
    this.mail = new MemoryMailAdapter();
    this.registrar = new MemoryRegistrar();
    const bind = async (port: AnyPort, adapter: object, capabilities: readonly string[]) =>
      this.ports.bound.set(port.id, { adapter, capabilities, connectionId: await this.connection(`${port.id} one`) });
    await bind(dnsPort, new MemoryDnsAdapter(this.names), memoryDnsCapabilities);
    await bind(mailboxPort, new MemoryMailboxAdapter(this.mailboxes), memoryMailboxCapabilities);
    await bind(mailPort, this.mail, []);
    await bind(registrarPort, new MemoryRegistrarAdapter(this.registrar), []);
    const address = { line1: 'St James Square 1', city: 'London', postalCode: 'SW1Y 4LE', country: 'GB' };
    const person = { name: 'Ada Lovelace', email: 'ada@example.org', phone: '+44.2071234567', address };
    const { manager } = this.dataSource;
    this.customer = await manager.save(manager.create(Customer, { id: newId(), ...person }));
    this.panel = await this.addServer('web1', 100);
  }

  /** Adds a server of the group `default` with its panel. */
  async addServer(name: string, capacity: number): Promise<MemoryHostingServer> {
    const panel = new MemoryHostingServer();
    const connectionId = await this.connection(`panel ${name}`);
    this.ports.servers.set(connectionId, panel);
    await this.dataSource.manager.insert(Server, { id: newId(), name, connectionId, capacity });
    return panel;
  }

  /** Stores a connection and returns its id. */
  async connection(name: string): Promise<string> {
    const id = newId();
    await this.dataSource.query(
      `INSERT INTO connections (id, name, plugin, settings, secrets, source) VALUES ($1, $2, 'memory', '{}', '', 'config')`,
      [id, name],
    );
    return id;
  }

  /** A service of a paid order. Default: hosting of `shop.example`, which the customer has elsewhere. */
  async service(more: Partial<NewService> = {}): Promise<Service> {
    const type: ProductType = more.type ?? 'hosting';
    const product = await this.product(type);
    const input = { customerId: this.customer.id, productId: product.id, type, domain: 'shop.example', ...more };
    return inTransaction(this.dataSource, (manager) => this.services.create(manager, input));
  }

  /** An order: the service and the task that makes it. */
  async order(more: Partial<NewService> = {}): Promise<{ serviceId: string; taskId: string }> {
    const { id: serviceId } = await this.service(more);
    return { serviceId, ...(await this.start(serviceId)) };
  }

  start(serviceId: string): Promise<{ taskId: string }> {
    return inTransaction(this.dataSource, (manager) => this.provisioning.start(manager, { serviceId }));
  }

  /** A worker of its own, with its own name in the journal. */
  runner(journal = this.journal, registry = this.registry): TaskRunner {
    const leases = new Leases(journal);
    this.leases.push(leases);
    const gates = connectionGates(this.dataSource, journal);
    this.gates.push(gates);
    const steps = new StepRunner(journal, leases, this.policy, gates);
    return new TaskRunner(this.dataSource, journal, leases, registry, this.ports, steps);
  }

  /** Drives until the task rests, or `until` says so, as wake-ups would. */
  async finish(
    taskId: string,
    until: (task: ProvisioningTask) => boolean = isAtRest,
    runner = this.runner(),
  ): Promise<ProvisioningTask> {
    for (let turn = 0; turn < 200; turn += 1) {
      await runner.drive(taskId);
      const task = await this.journal.task(taskId);
      if (task !== null && until(task)) return task;
      await new Promise((resolve) => setTimeout(resolve, 5));
      await this.callLines();
    }
    throw new Error(`the task does not rest: ${JSON.stringify(await this.statesOf(taskId))}`);
  }

  /** Calls steps that wait for their connections, as workers do four times a second: a pause that is over has to be noticed. */
  private async callLines(): Promise<void> {
    const waited = await this.dataSource.query<{ id: string }[]>(
      'SELECT DISTINCT connection_id AS id FROM connection_line WHERE lease_until IS NULL',
    );
    for (const { id } of waited) await this.gates.at(-1)?.call(id);
  }

  async statesOf(taskId: string): Promise<Record<string, string>> {
    return Object.fromEntries((await this.journal.steps(taskId)).map((step) => [step.name, step.state]));
  }

  /** The one row that belongs to the service, or undefined. */
  async row<Row extends Record<string, unknown>>(table: string, serviceId: string): Promise<Row | undefined> {
    const key = table === 'services' ? 'id' : 'service_id';
    const rows = await this.dataSource.query<Row[]>(`SELECT * FROM ${table} WHERE ${key} = $1`, [serviceId]);
    if (rows.length > 1) throw new Error(`${rows.length} rows of ${table} belong to the service`);
    return rows[0];
  }

  /** Everything that exists at the vendors, and the slots taken: what must be there once, or not at all. */
  async holdings(): Promise<Record<string, number>> {
    const [slots] = await this.dataSource.query<{ used: number }[]>('SELECT sum(used)::int AS used FROM servers');
    const accounts = [...this.ports.servers.values()].flatMap((panel) => [...panel.accounts.values()]);
    return {
      slots: slots?.used ?? 0,
      accounts: accounts.length,
      databases: accounts.reduce((sum, account) => sum + account.databases.size, 0),
      zones: this.names.zones.size,
      mailboxes: this.mailboxes.mailboxes.size,
      domains: this.registrar.domains.size,
      payments: this.registrar.payments.length,
      mails: new Set(this.mail.delivered.map(({ messageId }) => messageId)).size,
    };
  }

  /** Lets time pass: for the clock of the steps, and for everything of the task that is due by then. */
  async pass(taskId: string, milliseconds: number): Promise<void> {
    this.aheadMs += milliseconds;
    await this.dataSource.query(
      `UPDATE provisioning_steps SET next_attempt_at = clock_timestamp()
        WHERE task_id = $1 AND next_attempt_at <= clock_timestamp() + make_interval(secs => $2::float8 / 1000)`,
      [taskId, this.aheadMs],
    );
  }

  /** Ends every lease, as if its worker had died long ago. */
  async lapse(taskId: string): Promise<void> {
    await this.dataSource.query(
      `UPDATE provisioning_steps SET lease_until = now() - interval '1 s' WHERE task_id = $1 AND lease_until IS NOT NULL`,
      [taskId],
    );
  }

  /** Tasks and steps that nothing would ever take up again. There must be none. */
  async forgotten(): Promise<string[]> {
    const rows = await this.dataSource.query<{ what: string }[]>(
      `SELECT 'task ' || id AS what FROM provisioning_tasks
        WHERE status IN ('queued', 'running', 'waiting') AND next_wake_at IS NULL
       UNION ALL
       SELECT 'step ' || s.name FROM provisioning_steps s JOIN provisioning_tasks t ON t.id = s.task_id
        WHERE s.state IN ('intent', 'waiting', 'unknown', 'undoing') AND s.next_attempt_at IS NULL AND s.lease_until IS NULL
          AND t.status IN ('queued', 'running', 'waiting') AND t.direction = 'forward'`,
    );
    return rows.map(({ what }) => what);
  }

  private async product(type: ProductType): Promise<Product> {
    const { manager } = this.dataSource;
    const known = await manager.findOneBy(Product, { slug: `starter-${type}` });
    if (known !== null) return known;
    const product = { id: newId(), slug: `starter-${type}`, name: 'Starter', description: 'd', packageName: 'starter' };
    return manager.save(manager.create(Product, { ...product, type }));
  }
}

export function isAtRest({ status }: ProvisioningTask): boolean {
  return !['queued', 'running', 'waiting'].includes(status);
}
