import { describe, expect, it } from '@jest/globals';
import { sealedColumns } from '../../apps/cli/src/rewrap-secrets.js';
import { filesBelow, read } from './repository.js';

const place = /\{ table: '(\w+)', column: '(\w+)'/g;

const isProduct = (path: string) => path.endsWith('.ts') && !path.endsWith('spec.ts') && !path.includes('/test/');

describe('what is sealed', () => {
  it('is all moved under a new key: each place in the sources is a column that is rewrapped', () => {
    const sources = ['libs', 'apps'].flatMap((folder) => filesBelow(folder)).filter(isProduct);
    const places = sources.flatMap((path) =>
      [...read(path).matchAll(place)].map(([, table, column]) => `${table}.${column}`),
    );
    const others = ['keyring.proof'];
    expect([...new Set(places)].filter((name) => !others.includes(name)).sort()).toEqual(
      sealedColumns.map(({ table, column }) => `${table}.${column}`).sort(),
    );
  });
});
