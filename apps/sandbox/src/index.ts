export * from './sandbox.js';
export * from './sandbox-environment.js';
