import { provisioningAlertSources } from '../src/alerts/alert-sources.js';
import type { ProvisioningHarness } from './provisioning-harness.js';

/** What the sources of this room say is wrong now, as the alert stream would raise it. */
export async function currentAlerts({ dataSource, settings }: ProvisioningHarness) {
  const alerts = [];
  for (const { kind, current } of provisioningAlertSources(settings)) {
    for (const condition of await current(dataSource.manager)) alerts.push({ kind, ...condition });
  }
  return alerts;
}
