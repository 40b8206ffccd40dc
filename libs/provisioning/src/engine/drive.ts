import type { EntityManager } from 'typeorm';
import type { BegunTask, StepRow } from './journal.types.js';
import { DrivePorts } from './drive-ports.js';
import type { OrderPorts } from './order-ports.js';
import type { Recipe } from './recipe.js';
import type { StepFrame } from './step-runner.service.js';

/** A task while a worker drives it: its order as last read, and the connections chosen for it. */
export class Drive {
  private readonly ports: DrivePorts;
  private loaded?: Promise<unknown>;
  /** Names of the steps that were known to be completed when it was loaded. */
  private loadedAfter = '';

  constructor(
    readonly task: BegunTask,
    readonly recipe: Recipe,
    private readonly manager: EntityManager,
    ports: Pick<OrderPorts, 'find'>,
  ) {
    this.ports = new DrivePorts(ports);
  }

  private order(): Promise<unknown> {
    return (this.loaded ??= this.recipe.hooks.load(this.manager, this.task.input));
  }

  /** A step may have written what the order consists of. */
  changed(): void {
    this.loaded = undefined;
  }

  /** What steps run with, given the rows as they are. The order is never older than they: another worker may have completed some. */
  async frame(rows: readonly StepRow[]): Promise<StepFrame> {
    const completed = rows.filter((row) => row.state === 'completed');
    const after = completed.map(({ name }) => name).join();
    if (after !== this.loadedAfter) this.changed();
    this.loadedAfter = after;
    return {
      recipe: this.recipe,
      order: await this.order(),
      done: Object.fromEntries(completed.map((row) => [row.name, row.output ?? undefined])),
      ports: this.ports,
      calm: this.task.was !== 'running',
    };
  }
}
