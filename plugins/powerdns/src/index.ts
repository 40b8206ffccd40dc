export * from './powerdns.adapter.js';
export * from './powerdns.config.js';
export * from './powerdns.plugin.js';
