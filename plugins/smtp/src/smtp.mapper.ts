import { createPublicKey } from 'node:crypto';
import { PortError, type MailAddress, type MailMessage, type MailReceipt } from '@keelson/core';
import type { SendMailOptions, SMTPPoolOptions, SMTPPoolSentMessageInfo } from 'nodemailer';
import type { SmtpSettings } from './smtp.config.js';

/** How long each phase may take, in milliseconds; nodemailer's own defaults are minutes. */
const timeouts = { dnsTimeout: 10_000, connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000 };

/**
 * Connection options for nodemailer. A pool of five connections, each closed after five idle seconds. A message is moved to
 * another connection at most once, and only when the server had closed an idle one before any byte of it was sent.
 */
export function poolOptionsOf(settings: SmtpSettings): SMTPPoolOptions & { pool: true } {
  const { username, password, dkimDomain, dkimSelector, dkimPrivateKey } = settings;
  return {
    pool: true,
    maxConnections: 5,
    idleTimeout: 5_000,
    maxRequeues: 1,
    ...timeouts,
    host: settings.host,
    port: settings.port,
    secure: settings.security === 'tls',
    requireTLS: settings.security === 'starttls',
    ignoreTLS: settings.security === 'none',
    tls: {
      minVersion: 'TLSv1.2',
      ...(settings.caPem === undefined ? {} : { ca: settings.caPem }),
      ...(settings.servername === undefined ? {} : { servername: settings.servername }),
    },
    // Without forceAuth a server that offers no login would be sent mail without one.
    ...(username === undefined ? {} : { auth: { user: username, pass: password }, forceAuth: true }),
    ...(dkimDomain === undefined || dkimSelector === undefined || dkimPrivateKey === undefined
      ? {}
      : { dkim: { domainName: dkimDomain, keySelector: dkimSelector, privateKey: dkimPrivateKey } }),
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/**
 * The message as nodemailer takes it.
 * @throws PortError `invalid-input` when a header would break the message or an address is none
 */
export function toNodemailer(message: MailMessage, date: Date): SendMailOptions {
  refuseBrokenHeaders(message);
  return {
    messageId: `<${message.messageId}>`,
    date,
    from: toAddress(message.from),
    to: message.to.map(toAddress),
    ...(message.replyTo === undefined ? {} : { replyTo: toAddress(message.replyTo) }),
    subject: message.subject,
    text: message.text,
    ...(message.html === undefined ? {} : { html: message.html }),
    headers: { ...message.headers },
    envelope: { from: message.from.address, to: message.to.map(({ address }) => address) },
    xMailer: false,
  };
}

/** An address refused for now (4yz) beside accepted ones is in neither list of the receipt. */
export function toReceipt(info: SMTPPoolSentMessageInfo): MailReceipt {
  const refusals = info.rejectedErrors ?? [];
  const deferred = new Set(refusals.filter(({ permanent }) => permanent !== true).map(({ recipient }) => recipient));
  return {
    messageId: info.messageId.replace(/^<|>$/g, ''),
    accepted: [...info.accepted],
    rejected: info.rejected.filter((address) => !deferred.has(address)),
    response: info.response,
  };
}

/** Where receivers look for the signing key, and what they must find there (RFC 6376 §3.6.1). */
export function dkimRecordOf(settings: SmtpSettings): { name: string; value: string } | undefined {
  const { dkimDomain, dkimSelector, dkimPrivateKey } = settings;
  if (dkimDomain === undefined || dkimSelector === undefined || dkimPrivateKey === undefined) return undefined;
  const publicKey = createPublicKey(dkimPrivateKey).export({ type: 'spki', format: 'der' }).toString('base64');
  return { name: `${dkimSelector}._domainkey.${dkimDomain}`.toLowerCase(), value: `v=DKIM1; k=rsa; p=${publicKey}` };
}

function toAddress({ name, address }: MailAddress): { name: string; address: string } {
  return { name: name ?? '', address };
}

// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const control = /[\u0000-\u001f\u007f]/;
const address = /^[^\s<>()[\]\\,;:"@]+@[^\s<>()[\]\\,;:"@]+$/;
const messageIdentifier = /^[^\s<>@]+@[^\s<>@]+$/;
/** RFC 5322 §2.2. */
const headerName = /^[!-9;-~]+$/;

/** Control characters, line breaks above all, would let a value become headers of its own. */
function refuseBrokenHeaders(message: MailMessage): void {
  if (!messageIdentifier.test(message.messageId) || control.test(message.messageId)) {
    throw refused('the Message-ID must look like an address, without angle brackets');
  }
  if (message.to.length === 0) throw refused('it has no recipient');
  const people = [message.from, ...message.to, ...(message.replyTo === undefined ? [] : [message.replyTo])];
  for (const person of people) {
    if (!address.test(person.address) || control.test(person.address))
      throw refused('one of its addresses is malformed');
    if (control.test(person.name ?? '')) throw refused('a name holds a line break or another control character');
  }
  if (control.test(message.subject)) throw refused('the subject holds a line break or another control character');
  for (const [name, value] of Object.entries(message.headers ?? {})) {
    if (!headerName.test(name) || control.test(value))
      throw refused('a header holds a line break or another control character');
  }
}

function refused(why: string): PortError {
  return new PortError('invalid-input', `The message cannot be sent: ${why}.`);
}
