import { CatalogueModule, ConfigSync, seedCatalogue } from '@keelson/catalogue';
import { JsonLogger, type Runtime, RuntimeModule } from '@keelson/core';
import { CustomersModule, ensureAdministrator } from '@keelson/customers';
import { assertInstallationKey, DatabaseModule, migrate } from '@keelson/database';
import { HostingModule, ServersService } from '@keelson/hosting';
import { runQueueMigrations } from '@keelson/queue';
import { type DynamicModule, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { firstAdministratorPassword } from './administrator-password.js';

/** Brings the tables of the engine and of its queue to this version. Safe to repeat, and from several machines at once. */
export async function migrateInstallation(databaseUrl: string): Promise<string[]> {
  const applied = await migrate(databaseUrl);
  await runQueueMigrations(databaseUrl);
  return applied;
}

/** The administrator that was made just now; the password when it was made up. */
export interface FirstAdministrator {
  email: string;
  password?: string;
}

@Module({})
class PreparationModule {
  static forRoot(runtime: Runtime, databaseUrl: string): DynamicModule {
    return {
      module: PreparationModule,
      imports: [
        RuntimeModule.forRoot(runtime),
        DatabaseModule.forRoot({ url: databaseUrl, poolSize: 4, applicationName: 'keelson setup' }),
        CatalogueModule,
        CustomersModule,
        HostingModule,
      ],
    };
  }
}

/**
 * Seeds the catalogue, stores what the configuration file says (connections, bindings, servers), and makes the first
 * administrator. Safe to repeat: what operators changed meanwhile stays.
 */
export async function prepareInstallation(
  runtime: Runtime,
  databaseUrl: string,
): Promise<FirstAdministrator | undefined> {
  await assertInstallationKey(databaseUrl, runtime.keyring);
  const app = await NestFactory.createApplicationContext(PreparationModule.forRoot(runtime, databaseUrl), {
    logger: new JsonLogger({ level: 'warn' }),
  });
  try {
    await seedCatalogue(app.get(DataSource));
    const { servers } = await app.get(ConfigSync).sync(runtime.config);
    const hosting = app.get(ServersService);
    for (const { connection: _name, ...server } of servers) {
      await hosting.put({ ...server, nameservers: [...(server.nameservers ?? [])] });
    }
    const made = await ensureAdministrator(app.get(DataSource), runtime.settings.admin, () =>
      firstAdministratorPassword(runtime.settings.home),
    );
    if (made === undefined) return undefined;
    return runtime.settings.admin.password === undefined ? made : { email: made.email };
  } finally {
    await app.close();
  }
}
