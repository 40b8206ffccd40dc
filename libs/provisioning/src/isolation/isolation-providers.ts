import { type Settings, settingsToken } from '@keelson/core';
import type { Provider } from '@nestjs/common';
import { Bulkhead } from './bulkhead.js';
import { bulkheadToken, ConnectionGates } from './connection-gates.service.js';
import { ConnectionLine, isolationPolicyToken } from './connection-line.service.js';
import { GateStates } from './gate-states.service.js';
import { defaultIsolationPolicy } from './isolation-policy.js';
import { LineCaller } from './line-caller.service.js';

/** What keeps connections apart, as providers of the module. */
export const isolationProviders: Provider[] = [
  ConnectionLine,
  ConnectionGates,
  LineCaller,
  GateStates,
  { provide: isolationPolicyToken, useValue: defaultIsolationPolicy },
  {
    provide: bulkheadToken,
    inject: [settingsToken],
    useFactory: (settings: Settings) => new Bulkhead(settings.workerConcurrency),
  },
];
