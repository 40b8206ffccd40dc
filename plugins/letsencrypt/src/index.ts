export * from './letsencrypt.adapter.js';
export * from './letsencrypt.config.js';
export * from './letsencrypt.plugin.js';
