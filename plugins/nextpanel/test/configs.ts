import { type AdapterContext, probeContext } from '@keelson/core';
import type { NextPanelSimulator } from '../simulator/index.js';
import { NextPanelAdapter, NextPanelConfig } from '../src/index.js';

/** Settings as an operator would write them for this simulator, some of them changed. */
export function configOf({ settings }: Pick<NextPanelSimulator, 'settings'>, change: object = {}): NextPanelConfig {
  return Object.assign(new NextPanelConfig(), settings, change);
}

/** An adapter of a connection. Adapters of the same context share what is kept with the connection. */
export function adapterOf(
  panel: Pick<NextPanelSimulator, 'settings'>,
  change: object = {},
  context: AdapterContext = probeContext('under test'),
): NextPanelAdapter {
  return new NextPanelAdapter(configOf(panel, change), context);
}

/** What a key that the panel does not know looks like. */
export const wrongKey = { apiSecret: 'nps_wrong_secret_of_the_key' };
