import {
  type AdapterOf,
  type AnyPort,
  defaultDriftConfig,
  type DriftConfig,
  guardAdapter,
  provisionerPort,
} from '@keelson/core';
import { AuditService, CustomersService, PasswordHasher } from '@keelson/customers';
import { ServicesService } from '@keelson/hosting';
import { MemoryProvisionerAdapter, memoryProvisionerCapabilities } from '@keelson/testing/memory';
import { AdoptionService } from '../src/reconcile/adoption.service.js';
import { DriftService, type FindingView } from '../src/reconcile/drift.service.js';
import { ObservationSchedule } from '../src/reconcile/observation-schedule.service.js';
import type { Observation } from '../src/reconcile/observation.entity.js';
import { Reconciler } from '../src/reconcile/reconciler.service.js';
import type { Area } from '../src/reconcile/reconcile.types.js';
import type { VendorConnection, VendorConnections } from '../src/reconcile/vendor-connections.service.js';
import { currentAlerts } from './current-alerts.js';
import { LifecycleHarness } from './lifecycle-harness.js';
import type { ProvisioningHarness } from './provisioning-harness.js';

/** The connections of a `ProvisioningHarness`. */
class MemoryConnections implements Pick<VendorConnections, 'list' | 'adapterFor'> {
  constructor(private readonly base: ProvisioningHarness) {}

  async list(): Promise<VendorConnection[]> {
    const rows = await this.base.dataSource.query<{ id: string; name: string }[]>(
      `SELECT id, name FROM connections WHERE status = 'enabled' ORDER BY name`,
    );
    return rows.map(({ id, name }) => ({ id, name, ports: this.portsOf(id) }));
  }

  adapterFor<P extends AnyPort>(port: P, connectionId: string): Promise<AdapterOf<P>> {
    const { bound, servers } = this.base.ports;
    const server = servers.get(connectionId);
    const { adapter, capabilities } =
      port.id === provisionerPort.id
        ? { adapter: new MemoryProvisionerAdapter(server), capabilities: memoryProvisionerCapabilities }
        : (bound.get(port.id) ?? { adapter: {}, capabilities: [] });
    return Promise.resolve(guardAdapter(adapter, { port, capabilities, connection: connectionId }));
  }

  private portsOf(id: string): string[] {
    const { bound, servers } = this.base.ports;
    const ports = [...bound].flatMap(([port, { connectionId }]) => (connectionId === id ? [port] : []));
    return servers.has(id) ? [...ports, provisionerPort.id] : ports;
  }
}

/** The reconciler over the vendors of a `ProvisioningHarness`. */
export class ReconcileHarness {
  readonly services: LifecycleHarness;
  readonly schedule: ObservationSchedule;
  readonly reconciler: Reconciler;
  readonly drift: DriftService;
  readonly adoption: AdoptionService;
  /** May be changed while it runs. */
  readonly config: DriftConfig = { ...defaultDriftConfig };

  constructor(readonly base: ProvisioningHarness) {
    const { dataSource, secrets, tools } = base;
    const audit = new AuditService();
    const vendors = new MemoryConnections(base) as unknown as VendorConnections;
    this.services = new LifecycleHarness(base);
    this.schedule = new ObservationSchedule(dataSource);
    this.reconciler = new Reconciler(dataSource, vendors, this.schedule, this.config);
    this.drift = new DriftService(dataSource, this.services.lifecycle, this.config);
    const customers = new CustomersService(dataSource, audit, new PasswordHasher());
    const services = new ServicesService(dataSource, secrets);
    this.adoption = new AdoptionService(dataSource, vendors, customers, services, tools.slots, audit);
  }

  reset(): void {
    Object.assign(this.config, { ...defaultDriftConfig, policy: {} });
  }

  observe(area: Area, options: { acceptShrunk?: boolean } = {}): Promise<Observation[]> {
    return this.reconciler.observe({ areas: [area], ...options });
  }

  /** As if the configured gap had passed since everything was seen last. */
  async pass(): Promise<void> {
    await this.base.dataSource.query(`UPDATE drift_findings SET counted_at = counted_at - interval '1 day'`);
  }

  /** Sees everything twice, the gap apart. */
  async confirm(...areas: Area[]): Promise<void> {
    for (const area of areas) await this.observe(area);
    await this.pass();
    for (const area of areas) await this.observe(area);
  }

  /** Applies, and works the tasks that came of it. */
  async repair(request: Parameters<DriftService['apply']>[0] = {}) {
    const plan = await this.drift.apply(request, { actor: 'user:1', role: 'admin' });
    for (const taskId of new Set(plan.applied.flatMap((one) => one.taskId ?? []))) await this.base.finish(taskId);
    return plan;
  }

  /** What the alert stream says of drift now, by kind. */
  async alerts(): Promise<{ kind: string; title: string; detail: string }[]> {
    return (await currentAlerts(this.base)).filter(({ kind }) => kind.startsWith('drift.'));
  }

  /** Findings that are not resolved, as `kind key status`. */
  async open(): Promise<string[]> {
    const findings = await this.findings();
    return findings
      .filter(({ status }) => status !== 'resolved')
      .map(({ kind, key, status }) => `${kind} ${key} ${status}`)
      .sort();
  }

  async findings(): Promise<FindingView[]> {
    return (await this.drift.list({ limit: 1000, offset: 0 })).items;
  }
}
