import { adapterFor, mailboxPort, Plugin } from '@keelson/core';
import { capabilities, PostfixDovecotAdapter } from './postfix-dovecot.adapter.js';
import { PostfixDovecotConfig } from './postfix-dovecot.config.js';

/** Mailboxes in the SQL tables of a Postfix and Dovecot server. */
@Plugin({
  id: 'postfix-dovecot',
  title: 'Postfix and Dovecot',
  version: '0.1.0',
  settings: PostfixDovecotConfig,
  adapters: [
    adapterFor(mailboxPort, {
      portVersion: 1,
      settings: PostfixDovecotConfig,
      capabilities,
      create: (config) => new PostfixDovecotAdapter(config),
    }),
  ],
})
export class PostfixDovecotPlugin {}
