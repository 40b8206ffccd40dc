import { describe, expect, it } from '@jest/globals';
import { brokenInvariants, type Holding } from './invariants.js';

const service = {
  id: 's1',
  domain: 'shop.example',
  username: 'shop',
  status: 'active',
  serverId: 'web1',
  task: 'completed',
  steps: { create_account: 'completed', register_domain: 'completed' } as Record<string, string>,
};
const account: Holding = { kind: 'account', steps: ['create_account'], by: 'username', counts: new Map([['shop', 1]]) };
const domain: Holding = {
  kind: 'domain',
  steps: ['register_domain', 'transfer_domain'],
  by: 'domain',
  counts: new Map([['shop.example', 1]]),
  kept: true,
};
const sound = { duplicates: [], leaks: [], unproven: [], stuck: [], slots: [] };

function broken(rows: object[], holdings: Holding[] = [account, domain], used = 1, forgotten: string[] = []) {
  return brokenInvariants((sql) => {
    if (sql.includes('FROM servers')) return Promise.resolve([{ id: 'web1', name: 'web1', used }]);
    if (sql.includes('UNION ALL')) return Promise.resolve(forgotten.map((what) => ({ what })));
    return Promise.resolve(rows);
  }, holdings);
}

describe('the invariants', () => {
  it('hold where everything is as it was ordered, and where nothing is', async () => {
    expect(await broken([service])).toEqual(sound);
    expect(await broken([], [], 0)).toEqual(sound);
  });

  it('find an object that was made twice', async () => {
    const twice = { ...account, counts: new Map([['shop', 2]]) };
    expect(await broken([service], [twice, domain])).toEqual({ ...sound, duplicates: ['account shop: 2'] });
  });

  it('find objects of nobody, of services that ended, and of steps that were taken back', async () => {
    const stray = {
      ...account,
      counts: new Map([
        ['shop', 1],
        ['ghost', 1],
      ]),
    };
    expect(await broken([service], [stray, domain])).toEqual({ ...sound, leaks: ['account ghost'] });
    const ended = { ...service, status: 'terminated', serverId: null };
    expect(await broken([ended], undefined, 0)).toEqual({ ...sound, leaks: ['account shop'] });
    const undone = {
      ...service,
      status: 'failed',
      serverId: null,
      task: 'failed',
      steps: { create_account: 'compensated' },
    };
    expect(await broken([undone], undefined, 0)).toEqual({ ...sound, leaks: ['account shop', 'domain shop.example'] });
  });

  it('find steps that claim what the vendor does not have', async () => {
    const none = { ...domain, counts: new Map<string, number>() };
    expect(await broken([service], [account, none])).toEqual({ ...sound, unproven: ['domain shop.example'] });
  });

  it('find services that nobody works on, and tasks without a due time', async () => {
    const waiting = { ...service, status: 'provisioning' };
    expect(await broken([waiting])).toEqual({ ...sound, stuck: ['provisioning shop.example'] });
    expect(await broken([{ ...waiting, task: 'needs_attention' }])).toEqual(sound);
    expect(await broken([service], undefined, 1, ['task 1'])).toEqual({ ...sound, stuck: ['task 1'] });
  });

  it('find slots that are used by nobody, or by a service whose account is not there', async () => {
    expect((await broken([service], undefined, 2)).slots).toEqual(['web1: 2 slots used, 1 accounts']);
    const none = { ...account, counts: new Map<string, number>() };
    expect((await broken([service], [none, domain])).slots).toEqual(['web1: 1 slots used, 0 accounts']);
  });

  it('leave alone what is under way', async () => {
    const begun = { ...service, status: 'provisioning', task: 'running', steps: { create_account: 'unknown' } };
    expect(await broken([begun])).toEqual(sound);
  });
});
