export * from './start-simulator.js';
export type { SimulatedDomain, SimulatedOrder } from './account-store.js';
