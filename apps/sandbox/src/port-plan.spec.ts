import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { PortPlan } from './port-plan.js';

const home = mkdtempSync(join(tmpdir(), 'keelson-ports-'));
afterAll(() => rmSync(home, { recursive: true }));

describe('PortPlan', () => {
  it('gives every plugin a block of its own, and the same one after a restart', () => {
    const plan = new PortPlan(3000, home);
    expect([plan.of('dns'), plan.of('mail'), plan.of('dns')]).toEqual([3001, 3005, 3001]);
    const later = new PortPlan(3000, home);
    expect([later.of('bank'), later.of('mail'), later.of('dns')]).toEqual([3009, 3005, 3001]);
  });

  it('leaves the choice to the system when the first port is 0', () => {
    expect(new PortPlan(0, home).of('mail')).toBe(0);
  });
});
