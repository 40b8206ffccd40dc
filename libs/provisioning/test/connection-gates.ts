import type { DataSource } from 'typeorm';
import type { Journal } from '../src/engine/journal.service.js';
import { Bulkhead } from '../src/isolation/bulkhead.js';
import { ConnectionGates } from '../src/isolation/connection-gates.service.js';
import { ConnectionLine } from '../src/isolation/connection-line.service.js';
import { defaultIsolationPolicy, type IsolationPolicy } from '../src/isolation/isolation-policy.js';

/** The gates as one worker sees them. */
export function connectionGates(
  dataSource: DataSource,
  journal: Journal,
  { places = 8, ...policy }: Partial<IsolationPolicy> & { places?: number } = {},
): ConnectionGates {
  const whole = { ...defaultIsolationPolicy, ...policy };
  return new ConnectionGates(dataSource, new ConnectionLine(dataSource, journal, whole), new Bulkhead(places), whole);
}
