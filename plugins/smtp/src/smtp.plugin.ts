import { adapterFor, mailPort, Plugin } from '@keelson/core';
import { SmtpAdapter } from './smtp.adapter.js';
import { SmtpSettings } from './smtp.config.js';

/** Sends mail through any SMTP server. */
@Plugin({
  id: 'smtp',
  title: 'SMTP',
  version: '0.1.0',
  settings: SmtpSettings,
  adapters: [
    adapterFor(mailPort, {
      portVersion: 1,
      settings: SmtpSettings,
      capabilities: ['dkim'],
      create: (settings, { clock }) => new SmtpAdapter(settings, clock),
    }),
  ],
})
export class SmtpPlugin {}
