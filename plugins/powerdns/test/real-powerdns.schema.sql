-- Tables that the gsqlite3 backend of PowerDNS 4.7 reads and writes; columns as its built-in queries name them.
CREATE TABLE domains (
  id INTEGER PRIMARY KEY, name VARCHAR(255) NOT NULL COLLATE NOCASE, master VARCHAR(128), last_check INTEGER, type VARCHAR(8) NOT NULL,
  notified_serial INTEGER, account VARCHAR(40), options VARCHAR(65535), catalog VARCHAR(255)
);
CREATE UNIQUE INDEX domains_name ON domains (name);
CREATE TABLE records (
  id INTEGER PRIMARY KEY, domain_id INTEGER REFERENCES domains (id) ON DELETE CASCADE, name VARCHAR(255), type VARCHAR(10),
  content VARCHAR(65535), ttl INTEGER, prio INTEGER, disabled BOOLEAN DEFAULT 0, ordername VARCHAR(255), auth BOOLEAN DEFAULT 1
);
CREATE INDEX records_name_type ON records (name, type);
CREATE INDEX records_order ON records (domain_id, ordername);
CREATE TABLE comments (
  id INTEGER PRIMARY KEY, domain_id INTEGER NOT NULL REFERENCES domains (id) ON DELETE CASCADE, name VARCHAR(255) NOT NULL,
  type VARCHAR(10) NOT NULL, modified_at INTEGER NOT NULL, account VARCHAR(40), comment VARCHAR(65535) NOT NULL
);
CREATE TABLE domainmetadata (
  id INTEGER PRIMARY KEY, domain_id INTEGER NOT NULL REFERENCES domains (id) ON DELETE CASCADE, kind VARCHAR(32), content TEXT
);
CREATE TABLE cryptokeys (
  id INTEGER PRIMARY KEY, domain_id INTEGER NOT NULL REFERENCES domains (id) ON DELETE CASCADE, flags INTEGER NOT NULL,
  active BOOLEAN, published BOOLEAN DEFAULT 1, content TEXT
);
CREATE TABLE supermasters (ip VARCHAR(64) NOT NULL, nameserver VARCHAR(255) NOT NULL, account VARCHAR(40) NOT NULL);
CREATE TABLE tsigkeys (id INTEGER PRIMARY KEY, name VARCHAR(255), algorithm VARCHAR(50), secret VARCHAR(255));
