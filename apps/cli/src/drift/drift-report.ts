import { toPublicId } from '@keelson/database';
import type { AdoptionDecision, AppliedPlan, DriftPlan, FindingView, NamedObservation } from '@keelson/provisioning';
import { textTable } from './text-table.js';

/** Findings as a table; a sentence when there are none. */
export function findingsText(findings: readonly FindingView[], total: number): string {
  if (findings.length === 0) return 'nothing differs\n';
  const rows = findings.map((finding) => [
    toPublicId('drift', finding.id),
    finding.connection,
    finding.kind,
    finding.key,
    finding.status,
    `${finding.timesSeen}x since ${finding.firstSeen.toISOString().slice(0, 16)}Z`,
    `${factsText(finding.expected)} -> ${factsText(finding.actual)}`,
  ]);
  const rest = total > findings.length ? `and ${total - findings.length} more\n` : '';
  return textTable(['ID', 'CONNECTION', 'KIND', 'KEY', 'STATUS', 'SEEN', 'EXPECTED -> ACTUAL'], rows) + rest;
}

/** One line for each observation that was not a plain success. */
export function troubleText(observations: readonly NamedObservation[]): string {
  return observations
    .flatMap(({ connection, area, complete, suspicion, listed, believed, error }) => {
      if (!complete) return `NOT OBSERVED  ${area} of ${connection}: ${error}\n`;
      if (suspicion === null) return [];
      return `NOT BELIEVED  ${area} of ${connection}: the list is ${suspicion} (${listed}, of ours there should be ${believed})\n`;
    })
    .join('');
}

/** Observations as a table. */
export function observationsText(observations: readonly NamedObservation[]): string {
  const rows = observations.map(({ connection, area, listed, believed, differences }) => [
    connection,
    area,
    ...[listed, believed, differences].map((count) => (count === null ? '-' : String(count))),
  ]);
  return textTable(['CONNECTION', 'AREA', 'LISTED', 'OURS', 'DIFFERENT'], rows) + troubleText(observations);
}

/** A plan as a table, with what stays and what is refused. */
export function planText({ items, left, refused, fingerprint }: DriftPlan): string {
  const repairs = items.map(({ finding, repair }) => [
    toPublicId('drift', finding.id),
    finding.connection,
    finding.kind,
    finding.key,
    repair,
  ]);
  const stays = left.map(({ finding, why }) => [
    toPublicId('drift', finding.id),
    finding.connection,
    finding.kind,
    finding.key,
    `stays: ${why}`,
  ]);
  const brakes = refused.map(
    ({ connection, area, touched, limit }) =>
      `REFUSED  ${area} of ${connection}: ${touched} would be touched, at most ${limit} may be\n`,
  );
  const table = textTable(['ID', 'CONNECTION', 'KIND', 'KEY', 'REPAIR'], [...repairs, ...stays]);
  const summary = `${items.length} to repair, ${left.length} stay; fingerprint ${fingerprint}\n`;
  return table + brakes.join('') + summary;
}

/** What was begun, a line each. */
export function appliedText({ applied, refused, items }: AppliedPlan): string {
  const lines = applied.map(
    ({ findingId, repair, taskId }) =>
      `${toPublicId('drift', findingId)}  ${repair}${taskId === undefined ? '' : `  ${toPublicId('job', taskId)}`}\n`,
  );
  return `${lines.join('')}${applied.length} of ${items.length} begun, ${refused.length} areas refused\n`;
}

/** What becomes of each account, as a table with totals. */
export function adoptionText(decisions: readonly AdoptionDecision[], dryRun: boolean): string {
  const rows = decisions.map((decision) => [decision.action, decision.username, adoptionDetail(decision)]);
  const count = (action: AdoptionDecision['action']) => decisions.filter((one) => one.action === action).length;
  const verb = dryRun ? 'would be adopted (dry run: nothing was written)' : 'adopted';
  const totals = `${count('adopt')} ${verb}, ${count('managed')} managed already, ${count('left')} left, ${count('conflict')} in conflict\n`;
  return textTable(['ACTION', 'ACCOUNT', 'DETAIL'], rows) + totals;
}

function adoptionDetail(decision: AdoptionDecision): string {
  if (decision.action === 'managed') return toPublicId('srv', decision.serviceId);
  if (decision.action !== 'adopt') return decision.why;
  const { domain, package: name, product, customer } = decision;
  const who = `${customer.isNew ? 'new customer' : 'customer'} ${customer.email}`;
  return [domain, `package ${name} as ${product.slug}`, who].filter((part) => part !== undefined).join(', ');
}

function factsText(facts: FindingView['expected']): string {
  if (facts === null) return 'nothing';
  return Object.entries(facts)
    .map(([name, value]) => `${name}=${Array.isArray(value) ? value.join(',') : String(value)}`)
    .join(' ');
}
