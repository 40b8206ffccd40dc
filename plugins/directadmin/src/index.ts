export * from './directadmin.adapter.js';
export * from './directadmin.client.js';
export * from './directadmin.config.js';
export * from './directadmin.plugin.js';
