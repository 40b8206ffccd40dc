import { adapterFor, Plugin, provisionerPort } from '@keelson/core';
import { capabilities, NextPanelAdapter } from './nextpanel.adapter.js';
import { NextPanelConfig } from './nextpanel.config.js';

/** Hosting and reseller accounts on NextPanel servers. */
@Plugin({
  id: 'nextpanel',
  title: 'NextPanel',
  version: '0.1.0',
  settings: NextPanelConfig,
  adapters: [
    adapterFor(provisionerPort, {
      portVersion: 1,
      settings: NextPanelConfig,
      capabilities,
      create: (config, context) => new NextPanelAdapter(config, context),
    }),
  ],
})
export class NextPanelPlugin {}
