import { readFile } from 'node:fs/promises';
import { BootError } from '@keelson/core';
import type { AdoptionRow } from '@keelson/provisioning';
import { parse } from 'csv-parse/sync';

const known = ['username', 'email', 'name', 'product'];

/**
 * Reads a list of accounts: CSV with a head of `username` and any of `email`, `name`, `product`. Empty cells count as absent.
 * @throws BootError with a line for each problem
 */
export async function readAdoptionRows(file: string): Promise<AdoptionRow[]> {
  const rows = parsed(await readFile(file, 'utf8').catch(() => refuse(`${file} cannot be read`)), file);
  const strange = Object.keys(rows[0] ?? {}).filter((column) => !known.includes(column));
  if (strange.length > 0) refuse(`${file}: unknown column ${strange.join(', ')}; known: ${known.join(', ')}`);
  const problems = rows.flatMap(({ username }, index) => {
    if (!username) return `${file}: row ${index + 1} has no username`;
    const twice = rows.findIndex((row) => row['username'] === username) < index;
    return twice ? `${file}: row ${index + 1} names ${username} again` : [];
  });
  if (problems.length > 0) throw new BootError(problems);
  return rows.map((row) => ({
    username: row['username'] ?? '',
    ...Object.fromEntries(Object.entries(row).filter(([column, value]) => column !== 'username' && value !== '')),
  }));
}

function parsed(text: string, file: string): Record<string, string>[] {
  try {
    return parse(text, { bom: true, columns: true, skip_empty_lines: true, trim: true });
  } catch (error) {
    return refuse(`${file} is no CSV: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function refuse(problem: string): never {
  throw new BootError([problem]);
}
