import { open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { currentCall, isPortError, PortError, type Clock } from '@keelson/core';
import { codeOf, fileError } from './zonefile.errors.js';

const suffix = '.zone';
/** A change takes milliseconds. A lock that is so old was left by a process that died. */
const staleMs = 60_000;
const patienceMs = 10_000;

/** The files of one folder. Knows nothing of what is in them. */
export class ZonefileClient {
  constructor(
    private readonly folder: string,
    private readonly clock: Clock,
  ) {}

  /** Throws `invalid-config` unless the folder can be used. */
  async checkFolder(): Promise<void> {
    await this.work(async () => {
      await readdir(this.folder);
      const probe = join(this.folder, `.keelson-${process.pid}-probe`);
      await (await open(probe, 'w')).close();
      await rm(probe, { force: true });
    });
  }

  /** Zones that have a file. */
  listZones(): Promise<string[]> {
    return this.work(async () =>
      (await readdir(this.folder))
        .filter((file) => file.endsWith(suffix) && !file.startsWith('.'))
        .map((file) => file.slice(0, -suffix.length))
        .sort(),
    );
  }

  /** Text of the zone's file, or undefined when there is none. */
  read(zone: string): Promise<string | undefined> {
    return this.work(async () => {
      await readdir(this.folder);
      return readFile(this.pathOf(zone), 'utf8').catch((thrown: unknown) => {
        if (codeOf(thrown) === 'ENOENT') return undefined;
        throw thrown;
      });
    });
  }

  /** Replaces the file in one step, so that the name server never reads half of it. */
  async write(zone: string, text: string): Promise<void> {
    await this.work(async () => {
      const draft = join(this.folder, `.${zone}.new`);
      const file = await open(draft, 'w', 0o644);
      try {
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(draft, this.pathOf(zone));
    });
  }

  async remove(zone: string): Promise<void> {
    await this.work(async () => {
      await readdir(this.folder);
      await rm(this.pathOf(zone), { force: true });
    });
  }

  /** Does the work while no other process changes this zone. Throws `unavailable` when another one does for too long. */
  async alone<T>(zone: string, work: () => Promise<T>): Promise<T> {
    const lock = join(this.folder, `.${zone}.lock`);
    await this.work(() => take(lock, this.clock));
    try {
      return await work();
    } finally {
      await rm(lock, { force: true });
    }
  }

  private pathOf(zone: string): string {
    return join(this.folder, `${zone}${suffix}`);
  }

  private async work<T>(work: () => Promise<T>): Promise<T> {
    if (currentCall().signal.aborted) throw new PortError('unavailable', 'The call was given up.');
    try {
      return await work();
    } catch (thrown) {
      throw isPortError(thrown) ? thrown : fileError(thrown);
    }
  }
}

async function take(lock: string, clock: Clock): Promise<void> {
  const { signal } = currentCall();
  for (let waited = 0; waited < patienceMs && !signal.aborted; waited += 10) {
    try {
      await (await open(lock, 'wx')).close();
      return;
    } catch (thrown) {
      if (codeOf(thrown) !== 'EEXIST') throw thrown;
    }
    const age = await stat(lock).then(
      ({ mtimeMs }) => clock.now().getTime() - mtimeMs,
      () => 0,
    );
    if (age > staleMs) await rm(lock, { force: true });
    await sleep(10);
  }
  throw new PortError('unavailable', 'Another change of the zone is under way.');
}
