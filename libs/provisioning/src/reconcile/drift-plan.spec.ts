import { describe, expect, it } from '@jest/globals';
import { defaultDriftConfig, namedRepairKinds, repairableKinds } from '@keelson/core';
import { brakeLimit, suspicionOf } from './brake.js';
import { type PlannableFinding, planRepairs } from './drift-plan.js';
import { repairs } from './repairs.js';

const finding = (id: string, more: Partial<PlannableFinding> = {}): PlannableFinding => ({
  ...{ id, connectionId: 'c1', connection: 'srv1', area: 'accounts', kind: 'account.package', key: id, serviceId: id },
  serviceStatus: 'active',
  ...{ expected: { package: 'a' }, actual: { package: 'b' }, status: 'open', timesSeen: 2, busy: false },
  ...more,
});
const state = { connectionId: 'c1', area: 'accounts' as const, sound: true, believed: 10 };
const config = {
  ...defaultDriftConfig,
  policy: { 'account.package': 'repair', 'account.suspension': 'repair' } as const,
};
const plan = (findings: PlannableFinding[], more: Partial<typeof state> = {}, chosen?: string[]) =>
  planRepairs(findings, [{ ...state, ...more }], { config, ...(chosen && { chosen: new Set(chosen) }) });

describe('the plan of repairs', () => {
  it('holds what the policy repairs and what was chosen, and nothing else', () => {
    expect(plan([finding('a'), finding('b', { kind: 'zone.records' })]).items.map((item) => item.finding.id)).toEqual([
      'a',
    ]);
    const chosen = plan([finding('a'), finding('b', { kind: 'zone.records' })], {}, ['b']);
    expect(chosen.items).toMatchObject([{ finding: { id: 'b' }, repair: 'repair_zone' }]);
  });

  it.each<[string, Partial<PlannableFinding>, Partial<typeof state>]>([
    ['seen only once', { timesSeen: 1 }, {}],
    ['a task', { busy: true }, {}],
    ['no repair', { kind: 'account.domain' }, {}],
    ['no service', { serviceId: null, serviceStatus: null }, {}],
    ['the service is suspended', { kind: 'account.missing', serviceStatus: 'suspended' }, {}],
    ['the last observation', {}, { sound: false }],
  ])('leaves a finding because of %s, even when it was chosen', (why, more, area) => {
    const { items, left } = plan([finding('a', more)], area, ['a']);
    expect(items).toEqual([]);
    expect(left).toEqual([{ finding: expect.objectContaining({ id: 'a' }), why: expect.stringContaining(why) }]);
  });

  it('makes a missing account again only when the finding is named, whatever the policy says', () => {
    const missing = finding('a', { kind: 'account.missing' });
    const policy = { 'account.missing': 'repair' } as const;
    const { items, left } = planRepairs([missing], [state], { config: { ...config, policy } });
    expect([items, left]).toMatchObject([[], [{ why: 'it is repaired only when it is named (--only)' }]]);
    expect(plan([missing], {}, ['a']).items).toMatchObject([{ repair: 'reprovision' }]);
  });

  it('leaves mailboxes to wait for the account that kept them', () => {
    const missing = finding('a', { kind: 'account.missing' });
    const mailbox = finding('m', { kind: 'mailbox.missing', area: 'mailboxes', serviceId: 'a' });
    const elsewhere = { ...mailbox, id: 'n', connectionId: 'c2', connection: 'mail' };
    const states = [
      state,
      { ...state, area: 'mailboxes' as const },
      { ...state, connectionId: 'c2', area: 'mailboxes' as const },
    ];
    const chosen = new Set(['m', 'n']);
    const { items, left } = planRepairs([missing, mailbox, elsewhere], states, { config, chosen });
    expect(items).toMatchObject([{ finding: { id: 'n' }, repair: 'repair_mailbox' }]);
    expect(left).toMatchObject([{ finding: { id: 'm' }, why: 'its account is missing: that comes first' }]);
  });

  it('passes over what is ignored or under way', () => {
    expect(plan([finding('a', { status: 'ignored' }), finding('b', { status: 'planned' })])).toMatchObject({
      ...{ items: [], left: [] },
    });
  });

  it('is refused for an area as a whole when it touches more objects than the brake allows', () => {
    const four = ['a', 'b', 'c', 'd'].map((id) => finding(id));
    expect(plan(four)).toMatchObject({
      items: [],
      refused: [{ connection: 'srv1', area: 'accounts', touched: 4, limit: 3 }],
    });
    expect(plan(four, { believed: 40 }).refused).toEqual([]);
    const elsewhere = finding('z', { connectionId: 'c2', connection: 'srv2' });
    const both = planRepairs([...four, elsewhere], [state, { ...state, connectionId: 'c2' }], { config });
    expect(both.items.map((item) => item.finding.id)).toEqual(['z']);
  });

  it('counts several differences of one service as one object, and what is under way as well', () => {
    const two = (id: string) => [finding(id), finding(`${id}2`, { kind: 'account.suspension', serviceId: id })];
    expect(plan([...two('a'), ...two('b'), ...two('c')]).items).toHaveLength(6);
    expect(plan([...two('a'), ...two('b'), ...two('c'), finding('d', { status: 'planned' })]).refused).toHaveLength(1);
  });

  it('has another fingerprint when anything in it is another', () => {
    const one = plan([finding('a')]).fingerprint;
    expect(plan([finding('a')]).fingerprint).toBe(one);
    expect(plan([finding('b')]).fingerprint).not.toBe(one);
    expect(plan([finding('a', { actual: { package: 'c' } })]).fingerprint).not.toBe(one);
  });

  it('knows a repair for each kind that the configuration lets repair', () => {
    expect(Object.keys(repairs).sort()).toEqual([...repairableKinds, ...namedRepairKinds].sort());
  });
});

describe('the brake', () => {
  it('always allows three objects, and the percentage of more', () => {
    expect([0, 1, 30, 39, 40, 1000].map((total) => brakeLimit(total, 10))).toEqual([3, 3, 3, 3, 4, 100]);
  });

  it.each([
    ['empty', { listed: 0, believed: 1, missing: 1, lastListed: 1 }],
    ['empty', { listed: 0, believed: 9, missing: 0, lastListed: 0 }],
    ['shrunk', { listed: 89, believed: 5, missing: 0, lastListed: 100 }],
    ['shrunk', { listed: 50, believed: 100, missing: 11, lastListed: 50 }],
    [undefined, { listed: 90, believed: 5, missing: 0, lastListed: 100 }],
    [undefined, { listed: 1, believed: 4, missing: 3, lastListed: 4 }],
    [undefined, { listed: 0, believed: 0, missing: 0, lastListed: 3 }],
    ['shrunk', { listed: 0, believed: 0, missing: 0, lastListed: 4 }],
  ])('finds a list %s: %j', (suspicion, list) => {
    expect(suspicionOf(list, 10)).toBe(suspicion);
  });
});
