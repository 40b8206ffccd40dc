export * from './cpanel-whm.config.js';
export * from './cpanel-whm.mailbox.adapter.js';
export * from './cpanel-whm.plugin.js';
export * from './cpanel-whm.provisioner.adapter.js';
