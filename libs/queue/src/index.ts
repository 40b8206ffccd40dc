export * from './queue-names.js';
export * from './wake-up-handlers.js';
export * from './wake-ups.js';
