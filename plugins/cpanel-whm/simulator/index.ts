export * from './cpanel-whm.simulator.js';
export type * from './whm-state.types.js';
