import { WakeUps } from '@keelson/queue';

/** Wakes nobody: the tests drive the tasks themselves. */
export class NoWakeUps extends WakeUps {
  protected store(): Promise<void> {
    return Promise.resolve();
  }
}
