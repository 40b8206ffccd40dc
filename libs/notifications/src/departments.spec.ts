import { describe, expect, it } from '@jest/globals';
import { departments, senderOf } from './departments.js';

const settings = {
  companyName: 'Harbour Hosting',
  supportEmail: 'help@harbour.example',
  mailFrom: { name: 'Harbour', address: 'no-reply@harbour.example' },
};

describe('departments', () => {
  it('write under names of their own from the one address we may use, and answers reach support', () => {
    expect(departments.map((department) => senderOf(department, settings).from)).toEqual([
      { name: 'Harbour Sales', address: 'no-reply@harbour.example' },
      { name: 'Harbour Billing', address: 'no-reply@harbour.example' },
      { name: 'Harbour Support', address: 'no-reply@harbour.example' },
    ]);
    expect(senderOf('sales', settings).replyTo).toEqual({
      name: 'Harbour Hosting Support',
      address: 'help@harbour.example',
    });
  });
});
