import { pendingMigrations } from '@keelson/database';
import { QueueConnection } from '@keelson/queue';
import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';

/** `@Inject(databaseUrlToken) url: string` */
export const databaseUrlToken = Symbol('databaseUrl');

export type HealthPart = 'database' | 'migrations' | 'queue';

/** Milliseconds that a part may take to answer. */
const patienceMs = 3_000;

/** Whether the process can do its work. */
@Injectable()
export class HealthService {
  private migrated = false;

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly queue: QueueConnection,
    @Inject(databaseUrlToken) private readonly databaseUrl: string,
  ) {}

  /** Every part with whether it works. Migrations that were complete once are not looked at again. */
  async check(): Promise<Record<HealthPart, boolean>> {
    const [database, queue] = await Promise.all([works(() => this.refuseReadOnly()), works(() => this.queue.ping())]);
    this.migrated ||= database && (await works(() => this.refusePending()));
    return { database, migrations: this.migrated, queue };
  }

  /** One that can only be read, such as a standby, takes no payment and no order. */
  private async refuseReadOnly(): Promise<void> {
    const [row] = await this.dataSource.query<{ readOnly: boolean }[]>(
      `SELECT current_setting('transaction_read_only')::boolean AS "readOnly"`,
    );
    if (row?.readOnly !== false) throw new Error('the database is read-only');
  }

  private async refusePending(): Promise<void> {
    const pending = await pendingMigrations(this.databaseUrl);
    if (pending.length > 0) throw new Error(`pending: ${pending.join(', ')}`);
  }
}

async function works(probe: () => Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), patienceMs);
  });
  const answer = probe().then(
    () => true,
    () => false,
  );
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
