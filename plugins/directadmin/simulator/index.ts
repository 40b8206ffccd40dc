export * from './directadmin.simulator.js';
export type * from './panel-state.types.js';
