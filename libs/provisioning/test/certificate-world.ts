import { sslPort } from '@keelson/core';
import { MemoryAuthority, MemoryDnsAdapter, memorySslCapabilities, MemorySslAdapter } from '@keelson/testing/memory';
import { CertificateSchedule } from '../src/certificates/certificate-schedule.service.js';
import { currentAlerts } from './current-alerts.js';
import { LifecycleHarness } from './lifecycle-harness.js';
import type { ProvisioningHarness } from './provisioning-harness.js';

export const hour = 3_600_000;
export const day = 24 * hour;

/** A row of `certificates`. */
export interface CertificateRow extends Record<string, unknown> {
  id: string;
  status: string;
  domains: string[];
  method: string;
  replaces: string | null;
  serial: string;
  not_after: Date;
}

/**
 * The world around a site in a test: an authority, and whether the domain's name servers, or its web site, are ours. The authority sees
 * what the world sees.
 */
export class CertificateWorld {
  authority!: MemoryAuthority;
  /** Whose name servers the world asks for the domain. */
  nameServers: 'ours' | 'elsewhere' | 'none' = 'ours';
  /** Names that lead to us over HTTP. */
  readonly leads = new Set<string>();
  readonly services: LifecycleHarness;

  constructor(readonly harness: ProvisioningHarness) {
    this.services = new LifecycleHarness(harness);
  }

  async reset(): Promise<void> {
    const { harness } = this;
    await harness.reset();
    this.nameServers = 'ours';
    this.leads.clear();
    this.authority = await MemoryAuthority.create(harness.tools.clock);
    harness.ports.bound.set(sslPort.id, {
      adapter: new MemorySslAdapter(this.authority),
      capabilities: memorySslCapabilities,
      connectionId: await harness.connection('authority'),
    });
    harness.tools.dns.ask = async (name) => {
      if (this.nameServers === 'none') return [];
      if (this.nameServers === 'elsewhere') return [{ server: 'ns1.elsewhere.example', values: [] }];
      const records = await new MemoryDnsAdapter(harness.names)
        .listRecords(name.split('.').slice(-2).join('.'))
        .catch(() => []);
      const values = records.filter((set) => set.name === name && set.type === 'TXT').flatMap((set) => set.values);
      this.publish((one) => one.type === 'dns-01' && one.recordName === name && values.includes(one.recordValue));
      return [{ server: 'ns1.keelson.test', values }];
    };
    harness.tools.web.ask = async (domain, path) => {
      if (!this.leads.has(domain)) return 'somebody else';
      const shown = await harness.tools.httpChallenges.find(path);
      this.publish((one) => one.type === 'http-01' && one.domain === domain && one.path === path && one.body === shown);
      return shown;
    };
  }

  private publish(isSeen: (challenge: Parameters<MemoryAuthority['publish']>[0][number]) => boolean): void {
    this.authority.publish([...this.authority.orders.values()].flatMap(({ challenges }) => challenges).filter(isSeen));
  }

  /** A worker's schedule, of its own. */
  schedule(): CertificateSchedule {
    const { dataSource, tools } = this.harness;
    return new CertificateSchedule(dataSource, tools.renewals, tools.ports, this.services.lifecycle, tools.clock);
  }

  /** Moves the clock of schedules and steps. */
  async pass(milliseconds: number, taskId = '00000000-0000-0000-0000-000000000000'): Promise<void> {
    await this.harness.pass(taskId, milliseconds);
  }

  /** Moves the clock to a moment, never back. */
  async reach(moment: Date): Promise<void> {
    await this.pass(Math.max(0, moment.getTime() - this.harness.tools.clock.now().getTime()));
  }

  /** Works the service's open task until it rests, letting time pass as it wants. Undefined when there is none. */
  async work(serviceId: string) {
    const taskId = await this.openTask(serviceId);
    if (taskId === undefined) return undefined;
    for (let turn = 0; turn < 200; turn += 1) {
      const task = await this.harness.finish(taskId, ({ status }) => status !== 'queued' && status !== 'running');
      if (task.status !== 'waiting') return task;
      // A try that gets on does so in seconds; one that does not ends after a quarter of an hour.
      await this.pass(turn < 2 ? 30_000 : 16 * 60_000, taskId);
    }
    throw new Error('the task does not end');
  }

  /** What the alert stream says of certificates now. */
  async alerts() {
    return (await currentAlerts(this.harness)).filter(({ kind }) => kind.startsWith('certificate.'));
  }

  async openTask(serviceId: string): Promise<string | undefined> {
    const [task] = await this.harness.dataSource.query<{ id: string }[]>(
      `SELECT id FROM provisioning_tasks WHERE service_id = $1 AND status IN ('queued', 'running', 'waiting', 'needs_attention')`,
      [serviceId],
    );
    return task?.id;
  }

  /** Newest last. */
  certificates(): Promise<CertificateRow[]> {
    return this.harness.dataSource.query<CertificateRow[]>('SELECT * FROM certificates ORDER BY created_at, id');
  }

  async renewal(serviceId: string) {
    const found = await this.harness.tools.renewals.find(serviceId);
    if (found === undefined) throw new Error('the service has no schedule');
    return found;
  }

  /** The moment of the next try. Throws when it was given up. */
  async dueAt(serviceId: string): Promise<Date> {
    const { dueAt } = await this.renewal(serviceId);
    if (dueAt === null) throw new Error('nobody tries any more');
    return dueAt;
  }
}
