import { BootError, isPortError, JsonLogger, loadRuntime, type Runtime, RuntimeModule } from '@keelson/core';
import { assertInstallationKey, DatabaseModule, InvalidIdError } from '@keelson/database';
import {
  AdoptionRefusedError,
  AdoptionService,
  BrakeError,
  DriftConflictError,
  DriftService,
  FindingNotFoundError,
  NothingToObserveError,
  ObservationUnderWayError,
  Reconciler,
  ReconcileModule,
  type Requester,
} from '@keelson/provisioning';
import { QueueModule } from '@keelson/queue';
import { type DynamicModule, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { openDatabase } from '../commands/open-database.js';
import { installationFolders } from '../installation-folders.js';

/** What commands about drift work with. */
export interface OpenReconciler {
  reconciler: Reconciler;
  drift: DriftService;
  adoption: AdoptionService;
}

/** Whoever can run the command can do everything. */
export const operator: Requester = { actor: 'cli', role: 'admin' };

@Module({})
class DriftModule {
  static forRoot(runtime: Runtime, databaseUrl: string): DynamicModule {
    const { redisUrl } = runtime.settings;
    return {
      module: DriftModule,
      imports: [
        RuntimeModule.forRoot(runtime),
        DatabaseModule.forRoot({ url: databaseUrl, poolSize: 4, applicationName: 'keelson drift' }),
        QueueModule.forRoot({ databaseUrl, redisUrl, poolSize: 1 }),
        ReconcileModule.forRoot(runtime.config.drift),
      ],
    };
  }
}

/** Refusals whose message says all that there is to say. */
const refusals = [
  AdoptionRefusedError,
  BrakeError,
  DriftConflictError,
  FindingNotFoundError,
  InvalidIdError,
  NothingToObserveError,
  ObservationUnderWayError,
];

/** Opens the installation, beside its running processes or without them, for as long as `work` takes. @throws BootError for a refusal */
export async function withReconciler<Result>(work: (open: OpenReconciler) => Promise<Result>): Promise<Result> {
  const runtime = await loadRuntime(process.env, { pluginsFolder: installationFolders().plugins });
  const database = await openDatabase(process.env);
  try {
    await assertInstallationKey(database.url, runtime.keyring);
    const app = await NestFactory.createApplicationContext(DriftModule.forRoot(runtime, database.url), {
      logger: new JsonLogger({ level: 'error' }),
      abortOnError: false,
    });
    try {
      return await work({
        reconciler: app.get(Reconciler),
        drift: app.get(DriftService),
        adoption: app.get(AdoptionService),
      });
    } catch (error) {
      const refused = isPortError(error) || refusals.some((refusal) => error instanceof refusal);
      throw refused ? new BootError([(error as Error).message], { cause: error }) : error;
    } finally {
      await app.close();
    }
  } finally {
    await database.close();
  }
}
