import { CatalogueModule, ConnectionsService } from '@keelson/catalogue';
import { BootError, JsonLogger, loadRuntime, RuntimeModule, type Runtime, type Settings } from '@keelson/core';
import { DatabaseModule, pendingMigrations } from '@keelson/database';
import { GateStates } from '@keelson/provisioning';
import { QueueConnection } from '@keelson/queue';
import { type DynamicModule, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { installationFolders } from '../installation-folders.js';
import { gateTrouble } from './gate-trouble.js';
import { openDatabase } from './open-database.js';

@Module({})
class DoctorModule {
  static forRoot(runtime: Runtime, url: string): DynamicModule {
    return {
      module: DoctorModule,
      imports: [
        RuntimeModule.forRoot(runtime),
        DatabaseModule.forRoot({ url, poolSize: 2, applicationName: 'keelson doctor' }),
        CatalogueModule,
      ],
    };
  }
}

/** Checks settings, plugins, database, tables, queue and every connection; one line each. Ends the process with 1 when anything is wrong. */
export async function doctor(): Promise<void> {
  let sound = true;
  const say = (ok: boolean, what: string) => {
    sound &&= ok;
    process.stdout.write(`${ok ? 'ok    ' : 'FAILED'} ${what}\n`);
  };
  const runtime = await loadRuntime(process.env, { pluginsFolder: installationFolders().plugins });
  say(
    true,
    `settings and configuration: plugins ${
      runtime.registry
        .list()
        .map(({ manifest }) => manifest.id)
        .join(', ') || 'none'
    }`,
  );
  const database = await openDatabase(process.env);
  try {
    const pending = await pendingMigrations(database.url);
    say(
      pending.length === 0,
      pending.length === 0
        ? 'database: tables are up to date'
        : `database: ${pending.length} migrations are missing, run keelson setup`,
    );
    if (pending.length > 0) throw new BootError(['run keelson setup, then keelson doctor again']);
    await checkQueue(runtime.settings, database.url, say);
    const app = await NestFactory.createApplicationContext(DoctorModule.forRoot(runtime, database.url), {
      logger: new JsonLogger({ level: 'error' }),
    });
    const connections = app.get(ConnectionsService);
    const gates = await new GateStates(app.get(DataSource)).all();
    for (const connection of await connections.list()) {
      const { ports } = await connections.test(connection.id);
      for (const { port, ok, message } of ports) {
        say(
          ok,
          `connection ${connection.name} (${connection.plugin}, ${port})${message === undefined ? '' : `: ${message}`}`,
        );
      }
      const trouble = gateTrouble(gates.get(connection.id));
      if (trouble !== undefined) say(false, `connection ${connection.name}: ${trouble}`);
    }
    await app.close();
  } finally {
    await database.close();
  }
  process.exit(sound ? 0 : 1);
}

async function checkQueue(
  { redisUrl }: Settings,
  databaseUrl: string,
  say: (ok: boolean, what: string) => void,
): Promise<void> {
  const store = redisUrl === undefined ? 'in the database' : 'on Redis';
  const queue = await QueueConnection.open({ databaseUrl, redisUrl, poolSize: 1 });
  try {
    await queue.ping();
    say(true, `queue: answers ${store}`);
  } catch (error) {
    say(false, `queue ${store}: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    await queue.onApplicationShutdown();
  }
}
