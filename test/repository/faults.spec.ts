import { describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { read, root } from './repository.js';

const page = 'docs/faults.md';
const numbers = Array.from({ length: 40 }, (_, index) => index + 1);
/** Of billing: what exists is listed, and not all of it is there yet. */
const elsewhere = [15, 16, 17, 35, 37, 40];

interface Row {
  number: number;
  proofs: { file: string; sentence: string }[];
}

const rows: Row[] = read(page)
  .split('\n')
  .filter((line) => /^\| \d+ \|/.test(line))
  .map((line) => {
    const [, number = '', , , proofs = ''] = line.split('|').map((cell) => cell.trim());
    return {
      number: Number(number),
      proofs: proofs.split('<br>').map((proof) => {
        const [, file = '', sentence = ''] = /^\s*`([^`]+)`: (.+?)\s*$/.exec(proof) ?? [];
        return { file, sentence };
      }),
    };
  });

/** Test names, whatever quotes they stand in. */
const plain = (text: string) => text.replaceAll("\\'", "'");

describe('the table of faults', () => {
  it('holds every fault once, in order', () => {
    expect(rows.map(({ number }) => number)).toEqual(numbers);
  });

  it('names proofs that exist, by sentences that they hold', () => {
    const missing = rows.flatMap(({ number, proofs }) =>
      proofs
        .filter(({ file, sentence }) => !existsSync(join(root, file)) || !plain(read(file)).includes(plain(sentence)))
        .map(({ file, sentence }) => `${number}: ${file}: ${sentence}`),
    );
    expect(missing).toEqual([]);
  });

  it('proves every fault of provisioning and queues in a test or a run', () => {
    const unproven = rows
      .filter(({ number }) => !elsewhere.includes(number))
      .filter(
        ({ proofs }) =>
          !proofs.some(({ file, sentence }) => /\.(e2e-)?spec\.ts$|^test\/chaos\//.test(file) && sentence.length > 10),
      );
    expect(unproven).toEqual([]);
  });

  it('knows the row of every run that breaks something', () => {
    const runs = ['test/chaos/faults.mjs', 'test/chaos/plugin-faults.mjs'].flatMap((file) =>
      [...read(file).matchAll(/^ {4}name: '(.+)',\n {4}numbers: \[(.+)\]/gm)].map(([, name = '', list = '']) => ({
        name,
        list,
      })),
    );
    expect(runs.length).toBeGreaterThan(15);
    const unlisted = runs.flatMap(({ name, list }) =>
      list
        .split(',')
        .map(Number)
        .filter((number) => !rows[number - 1]?.proofs.some(({ sentence }) => sentence === name))
        .map((number) => `${number}: ${name}`),
    );
    expect(unlisted).toEqual([]);
  });
});
