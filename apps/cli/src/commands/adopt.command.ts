import { BootError } from '@keelson/core';
import { adoptionText } from '../drift/drift-report.js';
import { readAdoptionRows } from '../drift/adoption-rows.js';
import { operator, withReconciler } from '../drift/open-reconciler.js';

export interface AdoptOptions {
  connection: string;
  match: string;
  csv?: string;
  product?: string;
  dryRun?: boolean;
  json?: boolean;
}

/** Brings the accounts of a panel under management, or shows what that would write. Ends with 1 when there are conflicts. */
export async function adopt({ connection, match, csv, product, dryRun = false, json }: AdoptOptions): Promise<void> {
  if (match !== 'email' && match !== 'csv') throw new BootError(['--match must be email or csv']);
  if (match === 'csv' && csv === undefined) throw new BootError(['--match csv needs the list: --csv <file>']);
  const rows = csv === undefined ? undefined : await readAdoptionRows(csv);
  const decisions = await withReconciler(({ adoption }) =>
    adoption.adopt({ connection, match, rows, product, dryRun }, operator.actor),
  );
  process.stdout.write(
    json === true ? `${JSON.stringify({ dryRun, decisions }, undefined, 2)}\n` : adoptionText(decisions, dryRun),
  );
  process.exitCode = decisions.some(({ action }) => action === 'conflict') ? 1 : 0;
}
