import { adapterFor, Plugin, provisionerPort } from '@keelson/core';
import { DirectAdminAdapter } from './directadmin.adapter.js';
import { DirectAdminClient } from './directadmin.client.js';
import { DirectAdminSettings } from './directadmin.config.js';

/** Hosting accounts and databases on DirectAdmin servers. */
@Plugin({
  id: 'directadmin',
  title: 'DirectAdmin',
  version: '0.1.0',
  settings: DirectAdminSettings,
  adapters: [
    adapterFor(provisionerPort, {
      portVersion: 1,
      settings: DirectAdminSettings,
      capabilities: [
        'change-package',
        'change-password',
        'change-domain',
        'single-sign-on',
        'usage',
        'bulk-usage',
        'database',
        'certificate-install',
      ],
      create: (settings) => new DirectAdminAdapter(new DirectAdminClient(settings)),
    }),
  ],
})
export class DirectAdminPlugin {}
