export * from './cloudflare.adapter.js';
export * from './cloudflare.client.js';
export * from './cloudflare.config.js';
export * from './cloudflare.errors.js';
export * from './cloudflare.plugin.js';
