export * from './namesilo.adapter.js';
export * from './namesilo.config.js';
export * from './namesilo.plugin.js';
