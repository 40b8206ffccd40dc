import { describe, expect, it } from '@jest/globals';
import { filesBelow, read } from './repository.js';

const files = filesBelow('migrations').map((path) => path.slice('migrations/'.length));

describe('migrations', () => {
  it('are named <ms>-<verb>-<noun>.ts', () => {
    const verbs = 'add|allow|backfill|change|create|drop|move|rename|require|seed|split|widen';
    expect(files.filter((file) => !new RegExp(`^\\d{13}-(${verbs})-[a-z0-9]+(-[a-z0-9]+)*\\.ts$`).test(file))).toEqual(
      [],
    );
  });

  it('have times of their own', () => {
    const times = files.map((file) => file.slice(0, 13));
    expect(new Set(times).size).toBe(times.length);
  });

  it('each hold one class that carries the same time in its name', () => {
    const wrong = files.filter((file) => {
      const classes = [...read(`migrations/${file}`).matchAll(/export class (\w+)/g)].map(([, name]) => name ?? '');
      return classes.length !== 1 || !classes[0]?.endsWith(file.slice(0, 13));
    });
    expect(wrong).toEqual([]);
  });

  it('do not depend on code that changes', () => {
    expect(files.filter((file) => /from '(@keelson|\.\.?)\//.test(read(`migrations/${file}`)))).toEqual([]);
  });
});
