import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from '@jest/globals';
import { createApi } from '@keelson/api';
import { seedCatalogue } from '@keelson/catalogue';
import { loadRuntime } from '@keelson/core';
import { testDatabase } from '@keelson/testing/database';
import { startWorker } from '@keelson/worker';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { type NextPanelSimulator, startSimulator } from '../../plugins/nextpanel/simulator/index.js';

export const token = 'bootstrap-token-for-tests-0123456789abcdef';
export const licenceSecret = 'what the panels and the installation share';
export const password = 'S3cure-and-l0ng';

/** API and worker over a database of their own, and panels that are added as servers. */
export class PanelInstallation {
  private readonly simulators: NextPanelSimulator[] = [];
  private count = 0;

  private constructor(
    readonly url: string,
    readonly dataSource: DataSource,
    private readonly stop: () => Promise<void>,
  ) {}

  static async open(): Promise<PanelInstallation> {
    const home = mkdtempSync(join(tmpdir(), 'keelson-api-test-'));
    const configPath = join(home, 'keelson.config.yaml');
    writeFileSync(configPath, 'plugins: [nextpanel]\n');
    const runtime = await loadRuntime(
      {
        KEELSON_HOME: home,
        KEELSON_CONFIG: configPath,
        LOG_LEVEL: 'fatal',
        MPANEL_API_TOKEN: token,
        LICENCE_SECRET: licenceSecret,
      },
      { pluginsFolder: fileURLToPath(new URL('../../plugins', import.meta.url)) },
    );
    const database = await testDatabase();
    const app = await createApi(runtime, database.url);
    await app.listen(0, '127.0.0.1');
    const dataSource = app.get<DataSource>(getDataSourceToken());
    await seedCatalogue(dataSource);
    const worker = await startWorker(runtime, database.url);
    const { port } = app.getHttpServer().address() as { port: number };
    return new PanelInstallation(`http://127.0.0.1:${port}`, dataSource, async () => {
      await worker.close();
      await app.close();
      await database.drop();
      rmSync(home, { recursive: true, force: true });
    });
  }

  async close(): Promise<void> {
    await this.stop();
    await Promise.all(this.simulators.map((simulator) => simulator.stop()));
  }

  /** Takes the servers of earlier tests out of the choice. */
  async reset(): Promise<void> {
    await this.dataSource.query('UPDATE servers SET is_active = false');
  }

  /** One request below `/api/v1`, as an administrator. */
  async call(method: string, path: string, body?: unknown, more: Record<string, string> = {}) {
    const response = await fetch(`${this.url}/api/v1/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...more,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests look at whatever came
    return { status: response.status, body: (await response.json()) as any };
  }

  provision(body: object, headers: Record<string, string> = {}) {
    return this.call('POST', 'nextpanel/provision', body, headers);
  }

  /** A panel, and what a server of it is added with. */
  async panel() {
    const simulator = await startSimulator();
    this.simulators.push(simulator);
    const { id: api_key, secret: api_secret } = simulator.keyOf('SUPER_ADMIN');
    return { simulator, form: { base_url: String(simulator.settings.url), api_key, api_secret, capacity: 10 } };
  }

  async addServer(name: string, more: object = {}) {
    const { simulator, form } = await this.panel();
    const { status, body } = await this.call('POST', 'nextpanel/servers', { name, ...form, ...more });
    expect([status, body.detail]).toEqual([201, undefined]);
    return { simulator, id: body.id as number, url: form.base_url };
  }

  /** Number of a new customer. */
  async addCustomer(): Promise<number> {
    const email = `owner${(this.count += 1)}@shop.example`;
    const { body } = await this.call('POST', 'customers', { email, full_name: 'Ada' });
    return body.id as number;
  }

  /** An order of an account under a name that nobody has. */
  account(customer_id: number | string, more: object = {}) {
    const username = `user${(this.count += 1)}`;
    return { customer_id, username, email: `${username}@customer.example`, password, ...more };
  }
}
