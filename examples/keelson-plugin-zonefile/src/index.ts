export * from './zonefile.adapter.js';
export * from './zonefile.config.js';
export * from './zonefile.plugin.js';
