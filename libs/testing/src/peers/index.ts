export * from './local-ports.js';
export * from './postfix.js';
