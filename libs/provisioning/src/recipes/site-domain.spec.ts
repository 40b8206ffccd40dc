import { describe, expect, it } from '@jest/globals';
import type { Service } from '@keelson/hosting';
import { siteDomain } from './site-domain.js';

const service = (more: Partial<Service>) =>
  ({ service: { id: '01a1f940-d3ff-74fe-8630-a1d2f8eaa809', domain: null, ...more } }) as { service: Service };
const settings = { temporaryDomain: 'keelson.test' };

describe('the name of a site', () => {
  it('is the domain that was ordered', () => {
    expect(siteDomain(service({ domain: 'shop.example' }), settings)).toBe('shop.example');
  });

  it('lies below our own for an order without a domain, and is the same every time', () => {
    const name = siteDomain(service({}), settings);
    expect(name).toBe('sa1d2f8eaa809.keelson.test');
    expect(siteDomain(service({}), settings)).toBe(name);
    expect(siteDomain(service({ id: '01a1f940-d3ff-74fe-8630-a1d2f8eaa80a' }), settings)).not.toBe(name);
  });
});
