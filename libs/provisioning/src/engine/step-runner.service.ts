import {
  listCapabilities,
  normalise,
  type PortError,
  type PortErrorCode,
  PortError as PortFailure,
  runCall,
} from '@keelson/core';
import { isDatabaseAway } from '@keelson/database';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { type Answered, ConnectionGates } from '../isolation/connection-gates.service.js';
import { Journal } from './journal.service.js';
import type { Claim, Held, StepOutcome, StepRow } from './journal.types.js';
import { Leases } from './leases.service.js';
import type { BoundAdapter, OrderPorts } from './order-ports.js';
import { ByHand, type EngineContext, Pending, type Recipe, type RecipeStep, Skipped } from './recipe.js';
import { boundedPause, judge, type RetryPolicy } from './retry-policy.js';

export const retryPolicyToken = Symbol('RetryPolicy');

/** The order of a task at this moment, with everything a step needs around it. */
export interface StepFrame {
  recipe: Recipe;
  order: unknown;
  done: Record<string, unknown>;
  ports: Pick<OrderPorts, 'find'>;
  /** Nobody else is at the task, nor went down with it. */
  calm: boolean;
}

/** What an operator does about a step that is held; it goes on by itself then. */
const heldFor: Partial<Record<PortErrorCode, string>> = {
  'no-funds': 'top up the account at the provider; it goes on by itself',
  'invalid-config': 'correct what the message names (connection, settings or data of the order); it goes on by itself',
};

/** How a step gets at its port: an adapter (none, when it needs none), a reason to skip it, or why it cannot now. */
export type Access = { bound: BoundAdapter | undefined } | { skip: string } | { failure: PortError };

/** What a look before the claim said. */
type Seen = { found: unknown } | { thrown: unknown };

/** Runs one step: intent, look, act, record. */
@Injectable()
export class StepRunner {
  private readonly logger = new Logger(StepRunner.name);

  constructor(
    private readonly journal: Journal,
    private readonly leases: Leases,
    @Inject(retryPolicyToken) private readonly policy: RetryPolicy,
    private readonly gates: ConnectionGates,
  ) {}

  /**
   * Runs a step that is due. Returns its outcome when that is recorded, or why it did not begin; undefined when it turned out to be
   * somebody else's.
   *
   * The look comes before the claim, so that intent and proven absence are one commit. Not after a run that came to no end: then the
   * claim is first, so that a look that takes its worker down is counted.
   */
  run(step: RecipeStep, row: StepRow, frame: StepFrame, access: Access): Promise<StepOutcome | Held | undefined> {
    const bound = 'bound' in access ? access.bound : undefined;
    return this.gates.through(row.id, bound, (answered) => this.work(step, row, frame, access, answered));
  }

  private async work(
    step: RecipeStep,
    row: StepRow,
    frame: StepFrame,
    access: Access,
    answered: Answered,
  ): Promise<StepOutcome | undefined> {
    const fresh = frame.calm && row.fence === '0' && step.look !== undefined;
    const seen = fresh ? await this.lookAhead(step, row, frame, access) : undefined;
    const absent = seen !== undefined && 'found' in seen && seen.found === undefined;
    const claim = await this.journal.claim(row.id, this.leases.worker, { fresh, absent });
    if (claim === undefined) return undefined;
    if (claim.crashes >= this.policy.crashes) return this.quarantine(claim);
    return this.leases.whileClaimed(claim, async () => {
      const { outcome, also } = await this.attempt(step, claim, frame, access, seen);
      answered(outcome);
      const connection = 'bound' in access ? access.bound?.connection : undefined;
      const written = await this.write(
        claim,
        { ...outcome, ...(connection === undefined ? {} : { connection }) },
        also,
      );
      if (written === undefined)
        this.logger.warn(
          `step ${claim.name} of task ${claim.taskId} was taken over by another worker; its outcome stands`,
        );
      return written;
    });
  }

  /** Takes a step's effect back. */
  async undo(step: RecipeStep, row: StepRow, frame: StepFrame): Promise<void> {
    const access = step.undo === undefined ? { bound: undefined } : await this.access(step, frame);
    const bound = 'bound' in access ? access.bound : undefined;
    await this.gates.through(row.id, bound, (answered) => this.workBack(step, row, frame, access, answered));
  }

  private async workBack(
    step: RecipeStep,
    row: StepRow,
    frame: StepFrame,
    access: Access,
    answered: Answered,
  ): Promise<void> {
    const claim = await this.journal.claimUndo(row.id, this.leases.worker);
    if (claim === undefined) return;
    return this.leases.whileClaimed(claim, async () => {
      const outcome = await this.takeBack(step, claim, frame, access);
      answered(outcome);
      if (outcome.state !== 'compensated') {
        await this.journal.record(claim, outcome);
        return;
      }
      try {
        await this.journal.record(claim, outcome, async (manager) => step.unrecord?.(frame, manager));
      } catch (thrown) {
        this.logger.error(
          `undo of step ${claim.name} of task ${claim.taskId} could not be recorded: ${String(thrown)}`,
        );
        const error = new PortFailure('internal', 'What was taken back could not be recorded.');
        await this.journal.record(claim, this.undoFailure(claim, error));
      }
    });
  }

  private async takeBack(step: RecipeStep, claim: Claim, frame: StepFrame, access: Access): Promise<StepOutcome> {
    const { undo } = step;
    if (undo === undefined) return { state: 'compensated' };
    try {
      const context = contextOf(frame, claim, boundOf(access));
      await withDeadline(step, claim.stepId, () => undo(context, claim.output ?? undefined));
    } catch (thrown) {
      return this.undoFailure(claim, normalise(thrown));
    }
    if (claim.was !== 'unknown' && claim.was !== 'intent') return { state: 'compensated' };
    const reason = 'its outcome was unknown: taken back once more, as vendors may show their own changes late';
    return { state: 'undoing', reason, delayMs: this.policy.absenceGapMs, refundAttempt: true };
  }

  /**
   * The adapter that the step needs, or why there is none for it.
   * @throws what the database threw while it is away: nothing is known of the step then, and nothing must be written about it
   */
  async access(step: RecipeStep, frame: StepFrame): Promise<Access> {
    try {
      const reason = step.skipWhen?.(frame);
      if (reason !== undefined) return { skip: reason };
      if (step.port === undefined) return { bound: undefined };
      const key = frame.recipe.hooks.bindingOf(frame.order);
      const bound = await frame.ports.find(step.port, key);
      if (bound === undefined)
        return { skip: `no connection is bound to the port ${step.port.id} for ${key.productType}` };
      if (step.capability !== undefined && !listCapabilities(bound.adapter as object).includes(step.capability)) {
        return { skip: `the connection ${bound.connection} does not offer ${step.capability}` };
      }
      return { bound };
    } catch (thrown) {
      if (isDatabaseAway(thrown)) throw thrown;
      return { failure: normalise(thrown) };
    }
  }

  private async attempt(
    step: RecipeStep,
    claim: Claim,
    frame: StepFrame,
    access: Access,
    seen?: Seen,
  ): Promise<{ outcome: StepOutcome; also?: (manager: EntityManager) => Promise<void> }> {
    try {
      const context = contextOf(frame, claim, claim.given === null ? boundOf(access) : undefined);
      const result = await withDeadline(step, claim.stepId, () => this.lookThenAct(step, claim, context, seen));
      if ('outcome' in result) return result;
      const { output, evidence } = result;
      const also =
        step.record && ((manager: EntityManager) => step.record?.(context, output, manager) ?? Promise.resolve());
      return { outcome: { state: 'completed', output: output ?? null, evidence, looks: 0, absences: 0 }, also };
    } catch (thrown) {
      return { outcome: this.failure(claim, normalise(thrown)) };
    }
  }

  private async lookThenAct(
    step: RecipeStep,
    claim: Claim,
    context: EngineContext,
    ahead?: Seen,
  ): Promise<{ output: unknown; evidence: Record<string, unknown> } | { outcome: StepOutcome }> {
    if (claim.given !== null) {
      const { output, evidence, by } = claim.given;
      return { output: step.accept?.(output ?? {}) ?? null, evidence: { byHand: evidence, by } };
    }
    if (step.look !== undefined) {
      const seen = ahead ?? (await this.look(step.look, claim, context));
      if ('outcome' in seen) return seen;
      if ('thrown' in seen) throw seen.thrown;
      if (seen.found !== undefined) return { output: seen.found, evidence: { found: true, attempt: claim.attempt } };
      if (!claim.sawAbsent && !(await this.journal.noteAbsent(claim))) {
        throw new PortFailure('internal', 'The step was taken over before it acted.');
      }
    }
    const output = await step.run(context);
    if (output instanceof Pending) {
      const delayMs = boundedPause(output.checkAfter.getTime() - Date.now());
      return { outcome: { state: 'waiting', reason: output.reason, delayMs, refundAttempts: true, note: output.note } };
    }
    if (output instanceof Skipped) return { outcome: { state: 'skipped', reason: output.reason } };
    if (output instanceof ByHand) {
      return { outcome: { state: 'waiting', reason: output.instructions, refundAttempt: true } };
    }
    return { output, evidence: { acted: true, attempt: claim.attempt } };
  }

  private async lookAhead(step: RecipeStep, row: StepRow, frame: StepFrame, access: Access): Promise<Seen> {
    try {
      const context = contextOf(
        frame,
        { stepId: row.id, attempt: 1, sawAbsent: false, note: undefined },
        boundOf(access),
      );
      return { found: await withDeadline(step, row.id, () => step.look?.(context) ?? Promise.resolve(undefined)) };
    } catch (thrown) {
      return { thrown };
    }
  }

  /** One look. After an unknown outcome absence must be seen twice, with a gap, before anything is done again. */
  private async look(
    look: NonNullable<RecipeStep['look']>,
    claim: Claim,
    context: EngineContext,
  ): Promise<{ found: unknown } | { outcome: StepOutcome }> {
    // Nothing was done before absence was noted.
    const inDoubt = claim.sawAbsent && (claim.was === 'unknown' || claim.was === 'intent');
    try {
      const found = await look(context);
      if (found !== undefined || !inDoubt || claim.absences >= 1) return { found };
      const reason = 'not found after an unknown outcome; looking once more before acting again';
      const absences = claim.absences + 1;
      return {
        outcome: { state: 'unknown', reason, delayMs: this.policy.absenceGapMs, absences, refundAttempt: true },
      };
    } catch (thrown) {
      const error = normalise(thrown);
      if (!inDoubt || error.policy.repeat === 'never') throw error;
      const held = error.policy.repeat === 'hold';
      const delayMs = held ? this.policy.holdMs : this.policy.looksMs[claim.looks + claim.attempt - 1];
      const looks = held ? claim.looks : claim.looks + 1;
      return {
        outcome: { state: 'unknown', error: error.message, errorCode: error.code, delayMs, looks, refundAttempt: true },
      };
    }
  }

  private failure(claim: Claim, error: PortError): StepOutcome {
    const said = { error: error.message, errorCode: error.code, alone: error.alone };
    const verdict = judge(error, this.policy, claim.attempt, claim.looks, Math.random());
    this.logger.warn(`step ${claim.name} of task ${claim.taskId}: ${error.code}, ${error.message} → ${verdict.kind}`);
    switch (verdict.kind) {
      case 'fail':
        return { state: 'failed', ...said };
      case 'wait': {
        const reason = error.policy.repeat === 'hold' ? heldFor[error.code] : undefined;
        return { state: 'waiting', ...said, reason, delayMs: verdict.delayMs, refundAttempt: !verdict.countsAttempt };
      }
      case 'unknown':
        return { state: 'unknown', ...said, delayMs: verdict.delayMs, looks: 0, absences: 0 };
      case 'escalate':
        return { state: error.policy.repeat === 'look-first' ? 'unknown' : 'waiting', ...said };
    }
  }

  private undoFailure(claim: Claim, error: PortError): StepOutcome {
    const verdict = judge(error, this.policy, claim.undoAttempt, 0, Math.random());
    this.logger.warn(
      `undo of step ${claim.name} of task ${claim.taskId}: ${error.code}, ${error.message} → ${verdict.kind}`,
    );
    const delayMs = 'delayMs' in verdict ? verdict.delayMs : undefined;
    const refundAttempt = verdict.kind === 'wait' && !verdict.countsAttempt;
    return { state: 'undoing', error: error.message, errorCode: error.code, delayMs, refundAttempt };
  }

  /**
   * Returns what was written, if anything. When what follows from an output cannot be written, the output itself is not lost: the step
   * fails with a reason.
   */
  private async write(
    claim: Claim,
    outcome: StepOutcome,
    also?: (manager: EntityManager) => Promise<void>,
  ): Promise<StepOutcome | undefined> {
    try {
      return (await this.journal.record(claim, outcome, also)) ? outcome : undefined;
    } catch (thrown) {
      if (also === undefined) throw thrown;
      this.logger.error(
        `step ${claim.name} of task ${claim.taskId}: its result could not be recorded: ${String(thrown)}`,
      );
      const error = new PortFailure('internal', 'The result could not be recorded.');
      const failure = this.failure(claim, error);
      return (await this.journal.record(claim, failure)) ? failure : undefined;
    }
  }

  private async quarantine(claim: Claim): Promise<undefined> {
    const reason = `put aside after taking ${claim.crashes} workers down; retry it by hand when the cause is mended`;
    this.logger.error(`step ${claim.name} of task ${claim.taskId}: ${reason}`);
    await this.journal.record(claim, {
      state: 'unknown',
      reason,
      errorCode: 'internal',
      error: 'The step ended its worker several times.',
    });
  }
}

/** @throws PortError `invalid-config` when a step that was taken up can no longer reach its vendor: it may have left something there */
function boundOf(access: Access): BoundAdapter | undefined {
  if ('failure' in access) throw access.failure;
  if ('skip' in access) {
    throw new PortFailure(
      'invalid-config',
      `The step was begun, but ${access.skip}: put it back until the step is done.`,
    );
  }
  return access.bound;
}

function contextOf(
  frame: StepFrame,
  claim: Pick<Claim, 'stepId' | 'attempt' | 'sawAbsent' | 'note'>,
  bound: BoundAdapter | undefined,
): EngineContext {
  return {
    order: frame.order,
    done: frame.done,
    adapter: bound?.adapter,
    connectionId: bound?.connectionId,
    stepId: claim.stepId,
    attempt: claim.attempt,
    ours: claim.sawAbsent,
    note: claim.note ?? undefined,
  };
}

/** Ends the wait, if not the work, at the deadline: what then still runs is a zombie that the fence keeps out. */
async function withDeadline<T>(
  step: Pick<RecipeStep, 'deadlineMs'>,
  stepId: string,
  work: () => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      controller.abort();
      reject(new PortFailure('outcome-unknown', 'The step took too long; whether it took effect is being checked.'));
    }, step.deadlineMs);
  });
  try {
    return await Promise.race([runCall({ signal: controller.signal, idempotencyKey: stepId }, work), late]);
  } finally {
    clearTimeout(timer);
  }
}
