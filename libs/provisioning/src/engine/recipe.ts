import type { AdapterOf, AnyPort, CapabilityMethods, CapabilityOf, Money, PortId } from '@keelson/core';
import type { EntityManager } from 'typeorm';

/** A step's answer when the vendor needs more time: the step sleeps and runs again not before `checkAfter`. */
export class Pending {
  constructor(
    readonly checkAfter: Date,
    /** Why, for the operator. */
    readonly reason: string,
    /**
     * What the step has to know when it goes on, such as the vendor's reference: kept with the step, and given to its next run as
     * `note`. A pivot with one has spent its money. JSON; no secrets.
     */
    readonly note?: object,
  ) {}
}

/** A step's answer when it turns out, only while it runs, that there is nothing for it to do. */
export class Skipped {
  constructor(
    /** Why, for the operator. */
    readonly reason: string,
  ) {}
}

/** A step's answer when only a person can do it: the task needs attention until an operator marks the step done. */
export class ByHand {
  constructor(
    /** What to do, and what to give when it is done. No secrets. */
    readonly instructions: string,
  ) {}
}

/** What a step works with. */
export interface StepContext<Order, Done, P extends AnyPort = never, C extends CapabilityOf<P> = never> {
  readonly order: Order;
  /** Outputs of the steps before it; undefined for a step that was skipped. */
  readonly done: Readonly<Partial<Done>>;
  /** The adapter of the port that the step needs. */
  readonly adapter: [P] extends [never] ? undefined : AdapterOf<P> & CapabilityMethods<P, C>;
  /** Id of the connection behind the adapter. */
  readonly connectionId: [P] extends [never] ? undefined : string;
  /** The same at every repetition of this step of this task. Empty when a dry run looks: then nothing is written and nobody told. */
  readonly stepId: string;
  /** 1 at the first try. */
  readonly attempt: number;
  /**
   * Whether what exists under the natural key is this step's own work: a look proved it absent before the step first acted.
   * For vendors that keep no mark of ours: without it, what `look` finds belongs to somebody else, and `undo` leaves it alone.
   */
  readonly ours: boolean;
  /** What this step gave with its last `Pending`; undefined at the first run, and after it failed. */
  readonly note: unknown;
}

/** A call that a step would make, for people who want to know before. */
export interface PlannedCall {
  port: PortId;
  /** Method of the port. */
  method: string;
  /** One sentence. Never holds a secret. */
  summary: string;
  /** What it costs us at the vendor, where that is known. */
  money?: Money;
}

interface StepCommon<Order, Done, Output, P extends AnyPort, C extends CapabilityOf<P>> {
  /** Steps that must be finished (or skipped) first. Steps that do not depend on each other run at the same time. */
  after?: readonly (keyof Done & string)[];
  /** The port it calls. When no connection is bound to it for this order, the step is skipped and says so. */
  needs?: P;
  /** A capability of that port; the step is skipped when the bound adapter lacks it. */
  capability?: C;
  /** A reason to skip the step for this order, or undefined. */
  skipWhen?: (context: { order: Order; done: Readonly<Partial<Done>> }) => string | undefined;
  /**
   * Finds the effect by its natural key: the output when it exists and is ours, undefined when it does not exist.
   * Throws `already-exists` when it is somebody else's. Called before every `run`, and alone after an unknown outcome.
   * A step without it must be repeatable as it stands (`ensure…`, `put…`).
   */
  look?: (context: StepContext<Order, Done, P, C>) => Promise<Output | undefined>;
  /** Brings the effect about. */
  run: (context: StepContext<Order, Done, P, C>) => Promise<Output | Pending | Skipped | ByHand>;
  /** Makes the output of what an operator gives when he did the step by hand. Throws `invalid-input` when it does not fit. */
  accept?: (given: Record<string, unknown>) => Output;
  /** Longest time for a look and a try, in milliseconds; three minutes where nothing is said. */
  deadlineMs?: number;
  /** The calls that `run` would make at vendors, for dry runs. Reads nothing and changes nothing. */
  plan?: (context: { order: Order; done: Readonly<Partial<Done>> }) => readonly PlannedCall[];
  /** Writes what follows from the output into the tables, in the transaction that marks the step completed. */
  record?: (context: StepContext<Order, Done, P, C>, output: Output, manager: EntityManager) => Promise<void>;
}

export type UndoableStep<Order, Done, Output, P extends AnyPort, C extends CapabilityOf<P>> = StepCommon<
  Order,
  Done,
  Output,
  P,
  C
> & {
  /** Takes the effect back. Right when the step never ran, half ran, or was taken back before. */
  undo: (context: StepContext<Order, Done, P, C>, output: Output | undefined) => Promise<void>;
  /** Takes back what `record` wrote, in the transaction that marks the step compensated. */
  unrecord?: (context: { order: Order }, manager: EntityManager) => Promise<void>;
  /** What is made before the pivot is what was sold: none of it is optional. */
  optional?: never;
  refused?: never;
  meanwhile?: never;
};

export type RetriedStep<Order, Done, Output, P extends AnyPort, C extends CapabilityOf<P>> = StepCommon<
  Order,
  Done,
  Output,
  P,
  C
> & {
  /** Forbidden from the pivot on: money was spent, there is only forward. */
  undo?: never;
  unrecord?: never;
  /**
   * `ask`: when the vendor refuses it for good, the customer or an operator decides what becomes of the order; nothing is taken back
   * before they have.
   */
  refused?: 'ask';
  /**
   * `usable`: while its vendor is at it for days (it answered `Pending` with a note), steps that do not name it in `after` go on, and
   * what was ordered can be used.
   */
  meanwhile?: 'usable';
  /** `degraded`: the task may finish without this step; the service is then marked degraded by its name. */
  optional?: 'degraded';
};

export type StepPhase = 'before' | 'pivot' | 'after';

/** A step as the engine runs it, its types gone. */
export interface RecipeStep {
  readonly name: string;
  readonly phase: StepPhase;
  readonly after: readonly string[];
  /** Those of `after` that it names itself; the others are pivots, which everything after them waits for. */
  readonly named: readonly string[];
  readonly port?: AnyPort;
  readonly capability?: string;
  readonly optional: boolean;
  /** Its refusal does not turn the task round. */
  readonly asks: boolean;
  /** What was ordered can be used while its vendor is at it. */
  readonly meanwhile: boolean;
  readonly skipWhen?: (context: { order: unknown; done: Record<string, unknown> }) => string | undefined;
  readonly look?: (context: EngineContext) => Promise<unknown>;
  readonly run: (context: EngineContext) => Promise<unknown>;
  readonly accept?: (given: Record<string, unknown>) => unknown;
  readonly deadlineMs: number;
  readonly plan?: (context: { order: unknown; done: Record<string, unknown> }) => readonly PlannedCall[];
  readonly record?: (context: EngineContext, output: unknown, manager: EntityManager) => Promise<void>;
  readonly undo?: (context: EngineContext, output: unknown) => Promise<void>;
  readonly unrecord?: (context: { order: unknown }, manager: EntityManager) => Promise<void>;
}

export interface EngineContext {
  order: unknown;
  done: Record<string, unknown>;
  adapter: unknown;
  connectionId: unknown;
  stepId: string;
  attempt: number;
  ours: boolean;
  note: unknown;
}

/** What happens around the steps, each in the transaction that changes the task. */
export interface RecipeHooks<Order> {
  /** The order, read afresh at every run of the task from the input frozen when it began. */
  load: (manager: EntityManager, input: Record<string, unknown>) => Promise<Order>;
  /** For choosing connections: the product and, where assigned, the server. */
  bindingOf: (order: Order) => BindingKey;
  /** The work begins; called at every run of the task, so it must be repeatable. */
  started?: (manager: EntityManager, order: Order) => Promise<void>;
  /**
   * Everything that matters is there: called before the optional steps, and again at the end.
   * @param degraded names of optional steps that are not done
   */
  completed?: (manager: EntityManager, order: Order, degraded: string[]) => Promise<void>;
  /** Whether the order shows that `completed` was called with just these names: then calling it again changes nothing. */
  isAnnounced?: (order: Order, degraded: string[]) => boolean;
  /** Everything was taken back. */
  undone?: (manager: EntityManager, order: Order, why: 'failed' | 'cancelled') => Promise<void>;
}

/** By what the connection of a port is chosen. */
export interface BindingKey {
  productId: string;
  productType: string;
  /** Connection of the server that the order is on, once it has one. */
  serverConnectionId?: string;
  /** Connection of the registrar that holds the domain, once one does. */
  registrarConnectionId?: string;
}

/** A recipe: plain data, readable top to bottom. */
export interface Recipe {
  readonly name: string;
  readonly version: number;
  readonly steps: readonly RecipeStep[];
  readonly hooks: RecipeHooks<unknown>;
}

type NewName<Name extends string, Done> = Name extends keyof Done ? never : Name;

export interface RecipeBeforePivot<Order, Done> {
  /** A step that can be taken back. */
  step<Name extends string, Output, P extends AnyPort = never, C extends CapabilityOf<P> = never>(
    name: NewName<Name, Done>,
    step: UndoableStep<Order, Done, Output, P, C>,
  ): RecipeBeforePivot<Order, Done & Record<Name, Output>>;
  /** The step from which there is no way back. Waits for every step before it. */
  pivot<Name extends string, Output, P extends AnyPort = never, C extends CapabilityOf<P> = never>(
    name: NewName<Name, Done>,
    step: RetriedStep<Order, Done, Output, P, C>,
  ): RecipeAtPivot<Order, Done & Record<Name, Output>>;
  build(): Recipe;
}

export interface RecipeAtPivot<Order, Done> extends RecipeAfterPivot<Order, Done> {
  /** Another way of spending the money: of all pivots at most one is not skipped. */
  orPivot<Name extends string, Output, P extends AnyPort = never, C extends CapabilityOf<P> = never>(
    name: NewName<Name, Done>,
    step: RetriedStep<Order, Done, Output, P, C>,
  ): RecipeAtPivot<Order, Done & Record<Name, Output>>;
}

export interface RecipeAfterPivot<Order, Done> {
  /** A step that is only retried. Waits for the pivots. */
  then_<Name extends string, Output, P extends AnyPort = never, C extends CapabilityOf<P> = never>(
    name: NewName<Name, Done>,
    step: RetriedStep<Order, Done, Output, P, C>,
  ): RecipeAfterPivot<Order, Done & Record<Name, Output>>;
  build(): Recipe;
}

/** Nothing at a vendor takes longer in one call; the adapters' own deadlines are shorter. */
const defaultDeadlineMs = 180_000;

type AnyStep = StepCommon<unknown, Record<string, unknown>, unknown, AnyPort, never> & {
  undo?: RecipeStep['undo'];
  unrecord?: RecipeStep['unrecord'];
  optional?: 'degraded';
  refused?: 'ask';
  meanwhile?: 'usable';
};

/**
 * Declares a recipe. Step names are never changed once released: a change makes the next version beside this one.
 * @throws Error when a name appears twice
 */
export function defineRecipe<Order>(
  name: string,
  options: { version: number } & RecipeHooks<Order>,
): RecipeBeforePivot<Order, object> {
  const steps: RecipeStep[] = [];
  const add = (phase: StepPhase) => (stepName: string, step: AnyStep) => {
    if (steps.some((known) => known.name === stepName))
      throw new Error(`recipe ${name}: the step ${stepName} is declared twice`);
    const earlier = steps.filter((known) => known.phase === 'before').map((known) => known.name);
    const after = new Set<string>((step.after ?? []) as string[]);
    if (phase === 'pivot') earlier.forEach((one) => after.add(one));
    if (phase === 'after') steps.filter((known) => known.phase === 'pivot').forEach((pivot) => after.add(pivot.name));
    steps.push({
      name: stepName,
      phase,
      after: [...after],
      named: step.after ?? [],
      port: step.needs,
      capability: step.capability,
      optional: step.optional === 'degraded',
      asks: step.refused === 'ask',
      meanwhile: step.meanwhile === 'usable',
      skipWhen: step.skipWhen,
      look: step.look as RecipeStep['look'],
      run: step.run as RecipeStep['run'],
      accept: step.accept,
      deadlineMs: step.deadlineMs ?? defaultDeadlineMs,
      plan: step.plan,
      record: step.record as RecipeStep['record'],
      undo: step.undo,
      unrecord: step.unrecord,
    });
    return builder;
  };
  const { version, ...hooks } = options;
  const builder = {
    step: add('before'),
    pivot: add('pivot'),
    orPivot: add('pivot'),
    then_: add('after'),
    build: (): Recipe =>
      Object.freeze({ name, version, steps: Object.freeze(steps), hooks: hooks as RecipeHooks<unknown> }),
  };
  return builder as unknown as RecipeBeforePivot<Order, object>;
}
