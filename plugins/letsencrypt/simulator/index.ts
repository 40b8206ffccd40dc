export * from './letsencrypt.simulator.js';
export type { ChallengeLookup } from './challenge-looks.js';
