import { adapterFor, Plugin, sslPort } from '@keelson/core';
import { LetsEncryptAdapter } from './letsencrypt.adapter.js';
import { LetsEncryptSettings } from './letsencrypt.config.js';

/** Certificates from Let's Encrypt and other ACME authorities. */
@Plugin({
  id: 'letsencrypt',
  title: "Let's Encrypt",
  version: '0.1.0',
  settings: LetsEncryptSettings,
  adapters: [
    adapterFor(sslPort, {
      portVersion: 1,
      settings: LetsEncryptSettings,
      capabilities: ['wildcard', 'renewal-info'],
      create: (settings, { clock, state }) => new LetsEncryptAdapter(settings, state, clock),
    }),
  ],
})
export class LetsEncryptPlugin {}
