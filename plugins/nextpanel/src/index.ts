export * from './nextpanel.adapter.js';
export * from './nextpanel.config.js';
export * from './nextpanel.plugin.js';
