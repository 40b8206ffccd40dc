import { adapterFor, Plugin, registrarPort } from '@keelson/core';
import { NameSiloAdapter, nameSiloCapabilities } from './namesilo.adapter.js';
import { NameSiloSettings } from './namesilo.config.js';

/** Domains registered, transferred and renewed through NameSilo. */
@Plugin({
  id: 'namesilo',
  title: 'NameSilo',
  version: '0.1.0',
  settings: NameSiloSettings,
  adapters: [
    adapterFor(registrarPort, {
      portVersion: 1,
      settings: NameSiloSettings,
      capabilities: nameSiloCapabilities,
      create: (settings, { clock }) => new NameSiloAdapter(settings, clock),
    }),
  ],
})
export class NameSiloPlugin {}
