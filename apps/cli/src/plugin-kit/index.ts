export * from './port-page.js';
export * from './port-source.js';
