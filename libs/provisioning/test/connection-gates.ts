import type { DataSource } from 'typeorm';
import type { Journal } from '../src/engine/journal.service.js';
import { Bulkhead } from '../src/isolation/bulkhead.js';
import { ConnectionGates } from '../src/isolation/connection-gates.service.js';
import { ConnectionLine } from '../src/isolation/connection-line.service.js';
import { defaultIsolationPolicy } from '../src/isolation/isolation-policy.js';

/** Gates that are in nobody's way, for tests about something else: they drive tasks by hand. */
export function connectionGates(dataSource: DataSource, journal: Journal): ConnectionGates {
  const policy = { ...defaultIsolationPolicy, failures: 1_000 };
  return new ConnectionGates(dataSource, new ConnectionLine(dataSource, journal, policy), new Bulkhead(1_000), policy);
}
