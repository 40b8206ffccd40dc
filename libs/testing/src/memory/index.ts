export * from './memory-mail.adapter.js';
