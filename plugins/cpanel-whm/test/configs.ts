import type { WhmSimulator } from '../simulator/index.js';
import { CpanelWhmConfig } from '../src/index.js';

/** Settings as an operator would write them for this simulator. */
export function configOf({ settings }: Pick<WhmSimulator, 'settings'>): CpanelWhmConfig {
  return Object.assign(new CpanelWhmConfig(), settings);
}

/** The same with a token that the server does not know. */
export function wrongConfigOf({ settings }: Pick<WhmSimulator, 'settings'>): CpanelWhmConfig {
  return Object.assign(new CpanelWhmConfig(), settings, { apiToken: 'WRONGTOKEN0123456789' });
}

/** Settings of a reseller's connection. */
export function resellerConfigOf({ resellerSettings }: Pick<WhmSimulator, 'resellerSettings'>): CpanelWhmConfig {
  return Object.assign(new CpanelWhmConfig(), resellerSettings);
}
