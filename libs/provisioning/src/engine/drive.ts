import type { EntityManager } from 'typeorm';
import type { BegunTask, Held, StepOutcome, StepRow } from './journal.types.js';
import { DrivePorts } from './drive-ports.js';
import type { OrderPorts } from './order-ports.js';
import type { Recipe, RecipeStep } from './recipe.js';
import type { StepFrame } from './step-runner.service.js';

/**
 * A task while a worker drives it: its steps and its order as they are known here, and the connections chosen for it. What this worker does
 * itself it knows without reading it again.
 */
export class Drive {
  private readonly ports: DrivePorts;
  private loaded?: Promise<unknown>;
  /** Steps that ended here for good, with their outputs: whatever was read while they ended. */
  private readonly ended = new Map<string, Pick<StepRow, 'state' | 'output'>>();
  private known: StepRow[] = [];
  private readAt = 0;

  constructor(
    private begun: BegunTask,
    readonly recipe: Recipe,
    private readonly manager: EntityManager,
    ports: Pick<OrderPorts, 'find'>,
    private readonly readSteps: () => Promise<StepRow[]>,
  ) {
    this.ports = new DrivePorts(ports);
  }

  /** The task as it was taken up last. */
  get task(): BegunTask {
    return this.begun;
  }

  /** It was taken up again, by this worker, which is at it. */
  takenUp(again: BegunTask): void {
    this.begun = { ...again, was: this.begun.was };
  }

  /** The steps as last read, with what was done here since. */
  get rows(): readonly StepRow[] {
    return this.known;
  }

  /** Milliseconds since the rows were read: so much less is left of every time in them. */
  get ageMs(): number {
    return performance.now() - this.readAt;
  }

  /** A step may have written what the order consists of. */
  changed(): void {
    this.loaded = undefined;
  }

  /** Takes rows that were read; reads them where none are given. The order is read again when another worker has completed steps. */
  async read(given?: StepRow[]): Promise<void> {
    const readAt = performance.now();
    const rows = given ?? (await this.readSteps());
    this.readAt = readAt;
    const before = new Set(this.known.filter(({ state }) => state === 'completed').map(({ name }) => name));
    this.known = rows.map((row) => (isTakenBack(row) ? row : Object.assign(row, this.ended.get(row.name))));
    if (this.known.some(({ state, name }) => state === 'completed' && !before.has(name))) this.changed();
  }

  /**
   * What became of a step that was run here; undefined when nobody here knows.
   * @returns whether the rows are still what the table says
   */
  note(step: RecipeStep, outcome: StepOutcome | Held | undefined): boolean {
    const row = this.known.find(({ name }) => name === step.name);
    if (outcome?.state === 'held' && row !== undefined) {
      row.heldInMs = this.ageMs + outcome.delayMs;
      return true;
    }
    // What a step without a port does, it does to the tables; any other one writes with its outcome.
    if (step.port === undefined || step.record !== undefined) this.changed();
    if (outcome?.state !== 'completed' && outcome?.state !== 'skipped') return false;
    // As the table gives it back: what follows must see the same after a crash.
    const output: unknown = outcome.output === undefined ? null : JSON.parse(JSON.stringify(outcome.output));
    const end = { state: outcome.state, output };
    this.ended.set(step.name, end);
    if (row !== undefined) Object.assign(row, end);
    return true;
  }

  /** What steps run with now. */
  async frame(): Promise<StepFrame> {
    const completed = this.known.filter((row) => row.state === 'completed');
    return {
      recipe: this.recipe,
      order: await (this.loaded ??= this.recipe.hooks.load(this.manager, this.task.input)),
      done: Object.fromEntries(completed.map((row) => [row.name, row.output ?? undefined])),
      ports: this.ports,
      calm: this.task.was !== 'running',
    };
  }
}

function isTakenBack({ state }: StepRow): boolean {
  return state === 'undoing' || state === 'compensated';
}
