export * from './nextpanel.simulator.js';
export type * from './panel-state.types.js';
