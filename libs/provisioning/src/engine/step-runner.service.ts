import { listCapabilities, normalise, type PortError, PortError as PortFailure, runCall } from '@keelson/core';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { type Claim, Journal, type StepOutcome, type StepRow } from './journal.service.js';
import { Leases } from './leases.service.js';
import { type BoundAdapter, OrderPorts } from './order-ports.js';
import { type EngineContext, Pending, type Recipe, type RecipeStep } from './recipe.js';
import { judge, type RetryPolicy } from './retry-policy.js';

export const retryPolicyToken = Symbol('RetryPolicy');

/** Nothing at a vendor takes longer in one call; the adapters' own deadlines are shorter. Milliseconds. */
const stepDeadlineMs = 180_000;

/** The order of a task at this moment, with everything a step needs around it. */
export interface StepFrame {
  recipe: Recipe;
  order: unknown;
  done: Record<string, unknown>;
}

/** Runs one step: intent, look, act, record. */
@Injectable()
export class StepRunner {
  private readonly logger = new Logger(StepRunner.name);

  constructor(
    private readonly journal: Journal,
    private readonly leases: Leases,
    private readonly ports: OrderPorts,
    @Inject(retryPolicyToken) private readonly policy: RetryPolicy,
  ) {}

  /** Runs a step that is due. Returns when its outcome is recorded, or when it turns out to be somebody else's. */
  async run(step: RecipeStep, row: StepRow, frame: StepFrame): Promise<void> {
    const reason = step.skipWhen?.(frame);
    if (reason !== undefined) return this.journal.skip(row.id, reason);
    const bound = await this.bind(step, frame);
    if (typeof bound === 'string') return this.journal.skip(row.id, bound);
    const claim = await this.journal.claim(row.id, this.leases.worker);
    if (claim === undefined) return;
    if (claim.crashes >= this.policy.crashes) return this.quarantine(claim);
    await this.leases.whileClaimed(claim, async () => {
      const context = contextOf(frame, claim, bound);
      const { outcome, also } = await this.attempt(step, claim, context);
      const written = await this.write(
        claim,
        { ...outcome, ...(bound === undefined ? {} : { connection: bound.connection }) },
        also,
      );
      if (!written)
        this.logger.warn(
          `step ${claim.name} of task ${claim.taskId} was taken over by another worker; its outcome stands`,
        );
    });
  }

  /** Takes a step's effect back. */
  async undo(step: RecipeStep, row: StepRow, frame: StepFrame): Promise<void> {
    const claim = await this.journal.claimUndo(row.id, this.leases.worker);
    if (claim === undefined) return;
    await this.leases.whileClaimed(claim, async () => {
      let outcome: StepOutcome = { state: 'compensated' };
      try {
        const bound = await this.bind(step, frame);
        if (typeof bound !== 'string') {
          const context = contextOf(frame, claim, bound);
          await withDeadline(claim, () => step.undo?.(context, claim.output ?? undefined) ?? Promise.resolve());
        }
      } catch (thrown) {
        outcome = this.undoFailure(claim, normalise(thrown));
      }
      const also =
        outcome.state === 'compensated'
          ? (m: EntityManager) => step.unrecord?.(frame, m) ?? Promise.resolve()
          : undefined;
      await this.journal.record(claim, outcome, also);
    });
  }

  private async bind(step: RecipeStep, frame: StepFrame): Promise<BoundAdapter | string | undefined> {
    if (step.port === undefined) return undefined;
    const key = frame.recipe.hooks.bindingOf(frame.order);
    const bound = await this.ports.find(step.port, key);
    if (bound === undefined) return `no connection is bound to the port ${step.port.id} for ${key.productType}`;
    if (step.capability !== undefined && !listCapabilities(bound.adapter as object).includes(step.capability)) {
      return `the connection ${bound.connection} does not offer ${step.capability}`;
    }
    return bound;
  }

  private async attempt(
    step: RecipeStep,
    claim: Claim,
    context: EngineContext,
  ): Promise<{ outcome: StepOutcome; also?: (manager: EntityManager) => Promise<void> }> {
    try {
      const result = await withDeadline(claim, () => this.lookThenAct(step, claim, context));
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
  ): Promise<{ output: unknown; evidence: Record<string, unknown> } | { outcome: StepOutcome }> {
    if (step.look !== undefined) {
      const seen = await this.look(step.look, claim, context);
      if ('outcome' in seen) return seen;
      if (seen.found !== undefined) return { output: seen.found, evidence: { found: true, attempt: claim.attempt } };
    }
    const output = await step.run(context);
    if (output instanceof Pending) {
      const delayMs = Math.max(0, output.checkAfter.getTime() - Date.now());
      return { outcome: { state: 'waiting', reason: output.reason, delayMs, refundAttempt: true } };
    }
    return { output, evidence: { acted: true, attempt: claim.attempt } };
  }

  /** One look. After an unknown outcome absence must be seen twice, with a gap, before anything is done again. */
  private async look(
    look: NonNullable<RecipeStep['look']>,
    claim: Claim,
    context: EngineContext,
  ): Promise<{ found: unknown } | { outcome: StepOutcome }> {
    const inDoubt = claim.was === 'unknown' || claim.was === 'intent';
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
      const delayMs = this.policy.looksMs[claim.looks + claim.attempt - 1];
      const looks = claim.looks + 1;
      return {
        outcome: { state: 'unknown', error: error.message, errorCode: error.code, delayMs, looks, refundAttempt: true },
      };
    }
  }

  private failure(claim: Claim, error: PortError): StepOutcome {
    const said = { error: error.message, errorCode: error.code };
    const verdict = judge(error, this.policy, claim.attempt, claim.looks, Math.random());
    this.logger.warn(`step ${claim.name} of task ${claim.taskId}: ${error.code}, ${error.message} → ${verdict.kind}`);
    switch (verdict.kind) {
      case 'fail':
        return { state: 'failed', ...said };
      case 'wait':
        return { state: 'waiting', ...said, delayMs: verdict.delayMs, refundAttempt: !verdict.countsAttempt };
      case 'unknown':
        return { state: 'unknown', ...said, delayMs: verdict.delayMs, looks: 0, absences: 0 };
      case 'escalate':
        return { state: error.policy.repeat === 'look-first' ? 'unknown' : 'waiting', ...said };
    }
  }

  private undoFailure(claim: Claim, error: PortError): StepOutcome {
    const verdict = judge(error, this.policy, claim.undoAttempt, claim.undoAttempt - 1, Math.random());
    this.logger.warn(
      `undo of step ${claim.name} of task ${claim.taskId}: ${error.code}, ${error.message} → ${verdict.kind}`,
    );
    const delayMs = 'delayMs' in verdict ? verdict.delayMs : undefined;
    return { state: 'undoing', error: error.message, errorCode: error.code, delayMs };
  }

  /** When what follows from an output cannot be written, the output itself is not lost: the step fails with a reason. */
  private async write(
    claim: Claim,
    outcome: StepOutcome,
    also?: (manager: EntityManager) => Promise<void>,
  ): Promise<boolean> {
    try {
      return await this.journal.record(claim, outcome, also);
    } catch (thrown) {
      if (also === undefined) throw thrown;
      this.logger.error(
        `step ${claim.name} of task ${claim.taskId}: its result could not be recorded: ${String(thrown)}`,
      );
      const error = new PortFailure('internal', 'The result could not be recorded.');
      return this.journal.record(claim, this.failure(claim, error));
    }
  }

  private async quarantine(claim: Claim): Promise<void> {
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

function contextOf(frame: StepFrame, claim: Claim, bound: BoundAdapter | undefined): EngineContext {
  return {
    order: frame.order,
    done: frame.done,
    adapter: bound?.adapter,
    connectionId: bound?.connectionId,
    stepId: claim.stepId,
    attempt: claim.attempt,
  };
}

/** Ends the wait, if not the work, at the deadline: what then still runs is a zombie that the fence keeps out. */
async function withDeadline<T>(claim: Claim, work: () => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      controller.abort();
      reject(new PortFailure('outcome-unknown', 'The step took too long; whether it took effect is being checked.'));
    }, stepDeadlineMs);
  });
  try {
    return await Promise.race([runCall({ signal: controller.signal, idempotencyKey: claim.stepId }, work), late]);
  } finally {
    clearTimeout(timer);
  }
}
