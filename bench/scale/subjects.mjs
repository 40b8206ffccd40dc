import { catalogueEntities } from '@keelson/catalogue';
import { defaultDriftConfig, loadSettings, systemClock } from '@keelson/core';
import { customerEntities, CustomersService } from '@keelson/customers';
import { dataSourceOptions, inTransaction } from '@keelson/database';
import * as hosting from '@keelson/hosting';
import { notificationEntities } from '@keelson/notifications';
import * as provisioning from '@keelson/provisioning';
import { WakeUps } from '@keelson/queue';
import { DataSource } from 'typeorm';
import { provisioningAlertSources } from '../../libs/provisioning/dist/src/alerts/alert-sources.js';
import { allObservers } from '../../libs/provisioning/dist/src/reconcile/all-observers.js';
import { ObservationSchedule } from '../../libs/provisioning/dist/src/reconcile/observation-schedule.service.js';
import { stepsPerTask } from './fill.mjs';
import { explained } from './plans.mjs';

/** A recipe of as many steps as the filled tasks have. */
const recipe = {
  name: 'hosting.provision',
  version: 1,
  steps: Array.from({ length: stepsPerTask }, (_, index) => ({ name: `step_${index + 1}` })),
};

/** What is measured is the tables of Keelson, not those of the queue. */
class NoWakeUps extends WakeUps {
  store() {
    return Promise.resolve();
  }
}

/** Opens a filled database as the services of Keelson see it, on one connection whose plans can be heard. */
export async function openDatabase(url, plans) {
  const entities = [catalogueEntities, customerEntities, hosting.hostingEntities, notificationEntities];
  const own = [provisioning.provisioningEntities, provisioning.reconcileEntities];
  const options = dataSourceOptions(
    { url, poolSize: 1, applicationName: 'keelson scale' },
    [...entities, ...own].flat(),
  );
  // Kept while the other database is filled: who listens for plans listens to this connection.
  const extra = { ...options.extra, options: explained, idleTimeoutMillis: 0 };
  return new DataSource({ ...options, extra, logger: plans, logging: ['info'], logNotifications: true }).initialize();
}

/**
 * What is asked of the database, by name: each is prepared (not measured) and then does what the engine does, with the engine's own code. None
 * asks for the same row twice (servers apart), so that nothing is measured but a first time. `grows`: why it takes longer in a large database, of
 * necessity; it has no target then.
 * @returns {Promise<Record<string, { prepare?: () => Promise<unknown>, act: (given: any) => Promise<unknown> }>>}
 */
export async function subjectsOf(dataSource) {
  const journal = new provisioning.Journal(dataSource, new NoWakeUps());
  const registry = new provisioning.RecipeRegistry([recipe]);
  const service = new provisioning.ProvisioningService(dataSource, journal, registry);
  const services = new hosting.ServicesService(dataSource, undefined);
  const renewals = new hosting.CertificateRenewals(dataSource);
  const certificates = new provisioning.CertificateSchedule(dataSource, renewals, undefined, undefined, systemClock);
  const removals = new provisioning.RemovalSchedule(dataSource, undefined, systemClock);
  const expiries = new hosting.DomainExpiries(dataSource, undefined);
  const drift = new provisioning.DriftService(dataSource, undefined, defaultDriftConfig);
  const customers = new CustomersService(dataSource, undefined, undefined);
  const usages = new hosting.ServiceUsages(dataSource);
  const alerts = provisioningAlertSources(loadSettings({ JWT_SECRET: 'x'.repeat(32) }));
  const page = { limit: 20, offset: 0 };

  const column = async (sql) => (await dataSource.query(sql)).map(({ id }) => id);
  const queued = await column(`SELECT id FROM provisioning_tasks WHERE status = 'queued' ORDER BY id`);
  const waiting = await column(`SELECT id FROM provisioning_tasks WHERE status = 'waiting' ORDER BY id`);
  const old = await column('SELECT id FROM services TABLESAMPLE SYSTEM (20) LIMIT 2000');
  const finished = await column(
    `SELECT id FROM provisioning_tasks TABLESAMPLE SYSTEM (20) WHERE status = 'completed' LIMIT 2000`,
  );
  const buyers = await column(`SELECT id FROM customers TABLESAMPLE SYSTEM (20) LIMIT 2000`);
  const panels = await column(`SELECT connection_id AS id FROM servers LIMIT 20`);
  const next = (list) => list.pop() ?? panic('more was asked for than was filled');
  const firstStep = async () => {
    const task = next(waiting);
    const [{ id }] = await dataSource.query(
      `SELECT id FROM provisioning_steps WHERE task_id = $1 AND state = 'pending' ORDER BY position LIMIT 1`,
      [task],
    );
    return id;
  };
  const done = { state: 'completed', output: { remoteId: 'u1' }, evidence: { acted: true, attempt: 1 }, looks: 0 };
  const areas = {};
  for (const [area, kind] of Object.entries({
    zones: 'dns',
    mailboxes: 'mailbox',
    domains: 'registrar',
    certificates: 'ssl',
  })) {
    const [{ id }] = await dataSource.query('SELECT id FROM connections WHERE name = $1', [`${kind} 0`]);
    areas[`drift: what is believed of ${area}`] = {
      grows: 'ten thousand rows of one vendor, spread over the table',
      act: () => allObservers[area].believe(dataSource.manager, id),
    };
  }

  return {
    create: {
      act: (serviceId) =>
        inTransaction(dataSource, (manager) =>
          journal.create(manager, recipe, { ...serviceId, input: { serviceId: serviceId.serviceId } }),
        ),
      prepare: async () => {
        const serviceId = next(old);
        const [{ customer_id: customerId }] = await dataSource.query('SELECT customer_id FROM services WHERE id = $1', [
          serviceId,
        ]);
        await dataSource.query(`UPDATE provisioning_tasks SET status = 'cancelled' WHERE service_id = $1`, [serviceId]);
        return { serviceId, customerId };
      },
    },
    begin: { prepare: async () => next(queued), act: (id) => journal.begin(id) },
    steps: { prepare: async () => next(finished), act: (id) => journal.steps(id) },
    claim: { prepare: firstStep, act: (id) => journal.claim(id, 'worker') },
    record: {
      prepare: async () => journal.claim(await firstStep(), 'worker'),
      act: (claim) => journal.record(claim, done),
    },
    sweep: {
      prepare: () =>
        dataSource.query(
          `UPDATE provisioning_tasks SET next_wake_at = now() - interval '1 second'
            WHERE id IN (SELECT id FROM provisioning_tasks WHERE next_wake_at IS NOT NULL ORDER BY id LIMIT 50)`,
        ),
      act: () => journal.sweep(),
    },
    'view of a task': { prepare: async () => next(finished), act: (id) => service.view(id) },
    'events of a task': { prepare: async () => next(finished), act: (id) => service.events(id) },
    'list of tasks': { act: () => service.list(page) },
    'list of tasks, one state': { act: () => service.list({ ...page, status: 'waiting' }) },
    'list of tasks, one customer': {
      prepare: async () => next(buyers),
      act: (customerId) => service.list({ ...page, customerId }),
    },
    'list of stopped tasks': { grows: 'counts a thousand, not ten', act: () => service.failed(page) },
    'list of services': { act: () => services.list(page) },
    'list of services, one customer': {
      prepare: async () => next(buyers),
      act: (customerId) => services.list({ ...page, customerId }),
    },
    'list of customers': { act: () => customers.list(page) },
    stats: { grows: 'counts all that was ever done', act: () => service.stats() },
    'drift: a server observed': {
      prepare: () => panelOf(dataSource, inTurn(panels)),
      act: ({ reconciler, name }) => reconciler.observe({ connection: name }),
    },
    ...areas,
    'drift: list': { act: () => drift.list(page) },
    'schedule: certificates to ask about': { act: () => renewals.claimAsks(new Date(), 100) },
    'schedule: certificates due': { act: () => certificates.beginDue() },
    'schedule: removals due': { act: () => removals.beginDue() },
    'schedule: domains to sync': { act: () => expiries.syncDue() },
    'schedule: usage of a server': { prepare: async () => inTurn(panels), act: (id) => usages.leastRecent(id, 200) },
    'schedule: alerts': {
      grows: 'looks at every server',
      act: async () => {
        for (const source of alerts) await source.current(dataSource.manager);
      },
    },
  };
}

/** A reconciler for which one server exists, whose panel lists exactly what we believe of it. */
async function panelOf(dataSource, connectionId) {
  const [{ name }] = await dataSource.query('SELECT name FROM connections WHERE id = $1', [connectionId]);
  const accounts = await dataSource.query(
    `SELECT s.username AS "remoteId", s.username, s.domain, 'starter' AS package, 'active' AS state, s.id AS "externalId"
       FROM services s JOIN servers v ON v.id = s.server_id WHERE v.connection_id = $1`,
    [connectionId],
  );
  const adapter = {
    listAccounts: async () => ({ items: accounts }),
    listPackages: async () => [{ name: 'starter' }],
  };
  const vendors = {
    list: async () => [{ id: connectionId, name, ports: ['provisioner'] }],
    adapterFor: async () => adapter,
  };
  const reconciler = new provisioning.Reconciler(
    dataSource,
    vendors,
    new ObservationSchedule(dataSource),
    defaultDriftConfig,
  );
  return { reconciler, name };
}

/** There are few servers in a small database: they are asked again. */
function inTurn(list) {
  const [first] = list.splice(0, 1);
  list.push(first);
  return first;
}

function panic(message) {
  throw new Error(message);
}
