export * from './check-plugin.js';
export * from './new-plugin.js';
export * from './port-page.js';
export * from './port-source.js';
