export * from './bad-day.js';
export * from './certificate-authority.js';
export * from './fault-switches.js';
export * from './http-simulator.js';
export * from './ledger.js';
export * from './not-written.js';
export * from './simulator.types.js';
export * from './state-file.js';
