import { type Settings, settingsToken } from '@keelson/core';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';

interface Schedule {
  name: string;
  everyMs: number;
  work: () => Promise<unknown>;
  busy: boolean;
}

/**
 * What workers do from time to time. Each turn looks for what is due by then, so that a turn that is missed, or taken by every worker at once,
 * changes nothing: what is due, and that it is done once, is decided in the database.
 */
@Injectable()
export class Schedules implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(Schedules.name);
  private readonly list: Schedule[] = [];
  private timers: NodeJS.Timeout[] = [];

  constructor(@Inject(settingsToken) private readonly settings: Pick<Settings, 'schedules'>) {}

  /**
   * Has `work` called when the worker is up, and so many milliseconds after each call began, but never while one goes on. A turn that fails is
   * logged, and the next comes as ever. Nothing is called where schedules are switched off.
   */
  every(everyMs: number, name: string, work: () => Promise<unknown>): void {
    this.list.push({ name, everyMs, work, busy: false });
  }

  onApplicationBootstrap(): void {
    if (!this.settings.schedules) return;
    for (const schedule of this.list) {
      this.timers.push(setInterval(() => void this.turn(schedule), schedule.everyMs).unref());
      void this.turn(schedule);
    }
  }

  onApplicationShutdown(): void {
    this.timers.splice(0).forEach((timer) => clearInterval(timer));
  }

  private async turn(schedule: Schedule): Promise<void> {
    if (schedule.busy) return;
    schedule.busy = true;
    try {
      await schedule.work();
    } catch (error) {
      this.logger.warn(`${schedule.name} failed, next turn in ${schedule.everyMs} ms: ${String(error)}`);
    } finally {
      schedule.busy = false;
    }
  }
}
