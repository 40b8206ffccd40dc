import { readFileSync } from 'node:fs';

/** What differs between two mail hosts. */
export interface MailHostInstance {
  /** Folder that holds `etc`, `mail`, `run` and `log`, beside what Postfix needs. */
  home: string;
  imapPort: number;
  policyPort: number;
  /** The database, with the role that Postfix and Dovecot use. */
  databaseUrl: string;
}

const shipped = (name: string) => readFileSync(new URL(`../src/mail-host/${name}`, import.meta.url), 'utf8');

/** Lines of `main.cf` (postconf(5)): mail for the domains of the tables, handed to Dovecot. */
export function postfixMain({ home, policyPort }: MailHostInstance): string {
  return `smtpd_recipient_restrictions = reject_unlisted_recipient, check_policy_service inet:127.0.0.1:${policyPort}
virtual_mailbox_domains = proxy:pgsql:${home}/etc/postfix-domains.cf
virtual_mailbox_maps = proxy:pgsql:${home}/etc/postfix-mailboxes.cf
virtual_alias_maps = proxy:pgsql:${home}/etc/postfix-aliases.cf
virtual_transport = lmtp:unix:${home}/run/dovecot-lmtp
`;
}

/** A lookup table of Postfix as the plugin ships it, at this database. */
export function postfixTable(name: string, { databaseUrl }: MailHostInstance): string {
  const { host, username, password, pathname } = new URL(databaseUrl);
  const values = { hosts: host, dbname: pathname.slice(1), user: username, password: decodeURIComponent(password) };
  return Object.entries(values).reduce(
    (text, [setting, value]) => text.replace(new RegExp(`^${setting} = .*$`, 'm'), `${setting} = ${value}`),
    shipped(name),
  );
}

/** `dovecot.conf`: a host of its own on loopback, and the settings that the plugin ships. */
export function dovecotMain(instance: MailHostInstance): string {
  const { home, imapPort } = instance;
  return `base_dir = ${home}/run
state_dir = ${home}/run
log_path = ${home}/log/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_failure_delay = 0
first_valid_uid = 1
first_valid_gid = 1
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service imap-login {
  inet_listener imap {
    port = ${imapPort}
  }
}
${atThisHost(shipped('dovecot-keelson.conf'), instance)}`;
}

/** A file of Dovecot as the plugin ships it, at this database. */
export function dovecotFile(name: string, instance: MailHostInstance): string {
  const { hostname, port, username, password, pathname } = new URL(instance.databaseUrl);
  const connect = `host=${hostname} port=${port} dbname=${pathname.slice(1)} user=${username} password=${decodeURIComponent(password)}`;
  return atThisHost(shipped(name), instance).replace(/^connect = .*$/m, `connect = ${connect}`);
}

function atThisHost(text: string, { home, policyPort }: MailHostInstance): string {
  return text
    .replaceAll('/etc/dovecot/keelson/', `${home}/etc/`)
    .replaceAll('/var/spool/postfix/private/', '')
    .replaceAll('/var/vmail', `${home}/mail`)
    .replaceAll('12340', String(policyPort))
    .replaceAll('mail_gid = vmail', 'mail_gid = nogroup')
    .replaceAll('vmail', 'nobody');
}
