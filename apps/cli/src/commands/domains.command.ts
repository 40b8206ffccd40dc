import { CatalogueModule, ConnectionsService, type PriceImport, TldCosts } from '@keelson/catalogue';
import {
  BootError,
  isPortError,
  JsonLogger,
  loadRuntime,
  registrarPort,
  type Runtime,
  RuntimeModule,
} from '@keelson/core';
import { assertInstallationKey, DatabaseModule } from '@keelson/database';
import { DomainExpiries, HostingModule } from '@keelson/hosting';
import { type DynamicModule, type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { installationFolders } from '../installation-folders.js';
import { openDatabase } from './open-database.js';

@Module({})
class DomainsModule {
  static forRoot(runtime: Runtime, url: string): DynamicModule {
    return {
      module: DomainsModule,
      imports: [
        RuntimeModule.forRoot(runtime),
        DatabaseModule.forRoot({ url, poolSize: 2, applicationName: 'keelson domains' }),
        CatalogueModule,
        HostingModule,
      ],
    };
  }
}

/** Learns from every registrar when its domains expire, and says what was wrong. Ends with 1 when domains are missing there. */
export async function syncDomains(): Promise<void> {
  const { corrected, missing } = await withInstallation((app) => app.get(DomainExpiries).sync());
  process.stdout.write(`${corrected.length} domains had another expiry or state than we believed\n`);
  for (const name of missing)
    process.stdout.write(`MISSING ${name} is not in the registrar's account: look at it there\n`);
  process.exitCode = missing.length > 0 ? 1 : 0;
}

/**
 * Stores what a registrar asks for domains as our costs.
 * @param markup per cent; with it, endings not sold yet are sold from now on
 */
export async function importPrices({ connection, markup }: { connection: string; markup?: string }): Promise<void> {
  const markupPercent = markup === undefined ? undefined : Number(markup);
  if (markupPercent !== undefined && !(markupPercent >= 0 && markupPercent <= 1_000)) {
    throw new BootError(['--markup is per cent, from 0 to 1000']);
  }
  const report = await withInstallation(async (app) => {
    const connections = app.get(ConnectionsService);
    const found = await connections.findByName(connection);
    if (found === undefined) throw new BootError([`there is no connection ${connection}: see keelson doctor`]);
    const registrar = await connections.adapterFor(registrarPort, found.id);
    return app.get(TldCosts).importPrices(registrar, markupPercent === undefined ? {} : { markupPercent });
  });
  process.stdout.write(textOf(report));
}

function textOf({ known, added, notSold, notBought, belowCost }: PriceImport): string {
  const listed = (tlds: readonly string[]) => (tlds.length === 0 ? '' : `: ${tlds.join(' ')}`);
  return [
    `costs of ${known.length} endings stored`,
    `${added.length} endings are sold from now on${listed(added)}`,
    `${notSold.length} endings could be sold and are not; --markup adds them`,
    `${notBought.length} endings are sold that this registrar does not sell${listed(notBought)}`,
    ...belowCost.map(({ tld, what }) => `BELOW COST .${tld}: ${what.join(', ')}`),
    '',
  ].join('\n');
}

/** Opens the installation, beside its running processes or without them, for as long as `work` takes. */
async function withInstallation<Result>(work: (app: INestApplicationContext) => Promise<Result>): Promise<Result> {
  const runtime = await loadRuntime(process.env, { pluginsFolder: installationFolders().plugins });
  const database = await openDatabase(process.env);
  try {
    await assertInstallationKey(database.url, runtime.keyring);
    const app = await NestFactory.createApplicationContext(DomainsModule.forRoot(runtime, database.url), {
      logger: new JsonLogger({ level: 'warn' }),
      abortOnError: false,
    });
    try {
      return await work(app);
    } catch (error) {
      throw isPortError(error) ? new BootError([error.message], { cause: error }) : error;
    } finally {
      await app.close();
    }
  } finally {
    await database.close();
  }
}
