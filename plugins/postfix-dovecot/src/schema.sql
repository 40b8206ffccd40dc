-- Tables that Keelson writes and that Postfix and Dovecot read. Needs PostgreSQL 14 or newer. Repeating it changes nothing.

CREATE TABLE IF NOT EXISTS mail_domains (
  name text PRIMARY KEY CHECK (name = lower(name) AND name LIKE '%_._%'),
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS mail_boxes (
  address text PRIMARY KEY CHECK (address = lower(address)),
  domain text NOT NULL REFERENCES mail_domains ON DELETE CASCADE,
  -- With its scheme: {ARGON2ID}$argon2id$…
  password text NOT NULL,
  -- Megabytes; null = unlimited.
  quota_mb integer CHECK (quota_mb > 0),
  -- Refuses log-ins; mail is still taken.
  suspended boolean NOT NULL DEFAULT false,
  -- Folder of the mail. A mailbox that is made again under the same address gets another, and never sees the old mail.
  home uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
  created_at timestamptz NOT NULL DEFAULT now(),
  CHECK (address = split_part(address, '@', 1) || '@' || domain)
);
CREATE INDEX IF NOT EXISTS mail_boxes_domain ON mail_boxes (domain);

CREATE TABLE IF NOT EXISTS mail_aliases (
  address text NOT NULL CHECK (address = lower(address)),
  domain text NOT NULL REFERENCES mail_domains ON DELETE CASCADE,
  target text NOT NULL,
  PRIMARY KEY (address, target),
  CHECK (address = split_part(address, '@', 1) || '@' || domain)
);
CREATE INDEX IF NOT EXISTS mail_aliases_domain ON mail_aliases (domain);

-- Written by Dovecot (quota_clone).
CREATE TABLE IF NOT EXISTS mail_usage (
  address text PRIMARY KEY,
  bytes bigint NOT NULL DEFAULT 0,
  messages bigint NOT NULL DEFAULT 0
);

-- Folders whose mailbox is gone: a job of the mail host deletes them, and then their rows.
CREATE TABLE IF NOT EXISTS mail_removed_boxes (
  home uuid PRIMARY KEY,
  removed_at timestamptz NOT NULL DEFAULT now()
);

CREATE OR REPLACE FUNCTION mail_box_removed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO mail_removed_boxes (home) VALUES (OLD.home);
  DELETE FROM mail_usage WHERE address = OLD.address;
  RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER mail_box_removed AFTER DELETE ON mail_boxes
  FOR EACH ROW EXECUTE FUNCTION mail_box_removed();
