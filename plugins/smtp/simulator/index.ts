export * from './inbox.js';
export * from './start-simulator.js';
