export * from './postfix-dovecot.adapter.js';
export * from './postfix-dovecot.config.js';
export * from './postfix-dovecot.plugin.js';
