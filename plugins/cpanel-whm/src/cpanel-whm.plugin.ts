import { adapterFor, mailboxPort, Plugin, provisionerPort } from '@keelson/core';
import { CpanelWhmConfig } from './cpanel-whm.config.js';
import { CpanelWhmMailboxAdapter, mailboxCapabilities } from './cpanel-whm.mailbox.adapter.js';
import { CpanelWhmProvisionerAdapter, provisionerCapabilities } from './cpanel-whm.provisioner.adapter.js';

/** Hosting accounts, mailboxes, databases and certificates on cPanel & WHM. */
@Plugin({
  id: 'cpanel-whm',
  title: 'cPanel & WHM',
  version: '0.1.0',
  settings: CpanelWhmConfig,
  adapters: [
    adapterFor(provisionerPort, {
      portVersion: 1,
      settings: CpanelWhmConfig,
      capabilities: provisionerCapabilities,
      create: (config) => new CpanelWhmProvisionerAdapter(config),
    }),
    adapterFor(mailboxPort, {
      portVersion: 1,
      settings: CpanelWhmConfig,
      capabilities: mailboxCapabilities,
      create: (config) => new CpanelWhmMailboxAdapter(config),
    }),
  ],
})
export class CpanelWhmPlugin {}
