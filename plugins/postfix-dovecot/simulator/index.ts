export * from './postfix-dovecot.simulator.js';
