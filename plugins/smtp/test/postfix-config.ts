/** What differs between two instances of Postfix. */
export interface PostfixInstance {
  /** Folder that holds `etc`, `spool`, `data`, `mail` and `log`. */
  home: string;
  port: number;
  domains: string[];
  /** Of the user `postfix`, who owns the mail. */
  uid: number;
  gid: number;
  certificate: string;
  key: string;
}

/**
 * `main.cf` (postconf(5)): on loopback, without DNS, one Maildir for all addresses of the domains, and no way out: mail for
 * anywhere else is refused, and what would still have to leave is an error.
 */
export function mainConfig({ home, domains, uid, gid, certificate, key }: PostfixInstance): string {
  return `compatibility_level = 3.6
queue_directory = ${home}/spool
data_directory = ${home}/data
maillog_file = ${home}/log/mail.log
maillog_file_prefixes = ${home}/log
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.keelson.test
mydestination =
mynetworks =
alias_maps =
alias_database =
local_recipient_maps =
local_transport = error:no local delivery here
default_transport = error:no delivery to elsewhere
relay_transport = error:no delivery to elsewhere
smtpd_peername_lookup = no
smtpd_relay_restrictions = reject_unauth_destination
smtpd_tls_security_level = may
smtpd_tls_cert_file = ${certificate}
smtpd_tls_key_file = ${key}
virtual_transport = virtual
virtual_mailbox_domains = ${domains.join(', ')}
virtual_mailbox_base = ${home}/mail
virtual_mailbox_maps = static:all/
virtual_minimum_uid = 1
virtual_uid_maps = static:${uid}
virtual_gid_maps = static:${gid}
`;
}

/** `master.cf` (master(5)): only the daemons that taking and keeping mail needs. */
export function masterConfig({ port }: PostfixInstance): string {
  return `127.0.0.1:${port} inet n - n - - smtpd
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
proxymap  unix  - - n - - proxymap
error     unix  - - n - - error
retry     unix  - - n - - error
virtual   unix  - n n - - virtual
anvil     unix  - - n - 1 anvil
postlog   unix-dgram n - n - 1 postlogd
`;
}
