import { describe, expect, it } from '@jest/globals';
import { overLimits } from './usage-fits.js';

describe('whether usage fits a plan', () => {
  const usage = { username: 'u', diskMb: 5_120, bandwidthMb: 10, domains: 3, mailboxes: 11 };

  it('fits up to the limit itself', () => {
    expect(overLimits(usage, { diskMb: 5_120, bandwidthMb: 10, websites: 3, mailboxes: 11 })).toEqual([]);
  });

  it('names everything that is too much', () => {
    expect(overLimits(usage, { diskMb: 5_119, websites: 1, mailboxes: 10, databases: 0 })).toEqual([
      'it uses 5120 MB of disk of 5119',
      'it uses 3 domains of 1',
      'it uses 11 mailboxes of 10',
    ]);
  });

  it('takes what is not limited, or not counted, to fit', () => {
    expect(overLimits(usage, {})).toEqual([]);
    expect(overLimits({ username: 'u', diskMb: 0 }, { databases: 1, mailboxes: 0 })).toEqual([]);
  });
});
