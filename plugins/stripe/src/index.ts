export * from './stripe.adapter.js';
export * from './stripe.config.js';
export * from './stripe.plugin.js';
