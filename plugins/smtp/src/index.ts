export * from './smtp.adapter.js';
export * from './smtp.config.js';
export * from './smtp.plugin.js';
