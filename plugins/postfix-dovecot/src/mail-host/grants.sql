-- What the role of Postfix and Dovecot may do.
GRANT SELECT ON mail_domains, mail_boxes, mail_aliases TO mail_host;
GRANT SELECT, INSERT, UPDATE, DELETE ON mail_usage TO mail_host;
GRANT SELECT, DELETE ON mail_removed_boxes TO mail_host;
-- What the role of Keelson may do, unless it owns the tables.
GRANT SELECT, INSERT, UPDATE, DELETE ON mail_domains, mail_boxes, mail_aliases, mail_usage, mail_removed_boxes TO keelson_mail;
