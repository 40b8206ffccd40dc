import { systemClock, type Clock, type RegistrantContact } from '@keelson/core';
import type { RegistrarEnvironment } from '@keelson/testing';
import type { SimulatorOptions } from '@keelson/testing/simulator';
import { startSimulator, type NameSiloSimulator } from '../simulator/index.js';
import { NameSiloAdapter, NameSiloSettings } from '../src/index.js';

const dayMs = 24 * 3_600_000;
const orders = { registration: 'registerDomain', renewal: 'renewDomain', transfer: 'transferDomain' } as const;

export const contact: RegistrantContact = {
  firstName: 'Ann',
  lastName: 'Lee',
  email: 'ann@customer.example',
  phone: '+49.301234567',
  street: 'Weg 1',
  city: 'Berlin',
  state: '',
  postalCode: '10115',
  country: 'DE',
};

/** An adapter with these settings and the defaults of the others, as the plugin makes it. */
export function adapterWith(settings: Record<string, unknown>, clock: Clock = systemClock): NameSiloAdapter {
  return new NameSiloAdapter(Object.assign(new NameSiloSettings(), settings), clock);
}

export async function startNameSilo(
  options?: SimulatorOptions,
): Promise<{ simulator: NameSiloSimulator; adapter: NameSiloAdapter }> {
  const simulator = await startSimulator(options);
  return { simulator, adapter: adapterWith(simulator.settings, simulator) };
}

/** What the registrar suite runs in. */
export async function environmentOf(): Promise<Omit<RegistrarEnvironment, 'capabilities'>> {
  const { simulator, adapter } = await startNameSilo();
  const wrong = { apiKey: 'wrong0api0key' };
  return {
    adapter,
    withWrongCredentials: adapterWith({ ...simulator.settings, ...wrong }, simulator),
    ending: 'example',
    vendor: {
      registerElsewhere: async (domain, authCode) => simulator.registerElsewhere(domain, { authCode }),
      makePremium: async (domain, { amount }) => simulator.setPremium(domain, amount),
      setBalance: async (amount) => simulator.setBalance(amount),
      payments: async () => simulator.orders().length,
      finishTransfers: async () => simulator.advance(6 * dayMs),
      expire: async (domain, state) => {
        const at = simulator.now().getTime() - (state === 'expired' ? 10 : 40) * dayMs;
        simulator.editDomain(domain, { expires: new Date(at).toISOString().slice(0, 10) });
      },
      loseNextAnswer: (order) => simulator.faults.set({ kind: 'drop-after', match: orders[order], times: 1 }),
      slowDown: (value) => simulator.faults.set({ kind: 'latency', value }),
    },
    secrets: [String(simulator.settings.apiKey), wrong.apiKey],
    stop: () => simulator.stop(),
  };
}
