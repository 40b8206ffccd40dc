import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FaultSwitches, Ledger, type Simulator, type SimulatorOptions } from '@keelson/testing/simulator';

/** A folder to write to. Nothing stands between the plugin and the folder, so that no fault can be switched on. */
export async function startSimulator({ home }: SimulatorOptions = {}): Promise<Simulator> {
  const folder = home === undefined ? mkdtempSync(join(tmpdir(), 'keelson-zonefile-')) : join(home, 'zonefile');
  mkdirSync(folder, { recursive: true });
  return {
    plugin: 'zonefile',
    endpoints: [],
    settings: { folder },
    ledger: new Ledger(),
    faults: new FaultSwitches(),
    stop: async () => {
      if (home === undefined) rmSync(folder, { recursive: true });
    },
  };
}
