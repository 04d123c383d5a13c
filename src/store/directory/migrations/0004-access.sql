-- What opens an account besides its password: sessions of the web, app passwords, tokens, second factors, passkeys.
CREATE TABLE access (
  id           TEXT PRIMARY KEY,           -- random; names the row to its owner, opens nothing
  account      TEXT NOT NULL,
  kind         TEXT NOT NULL,              -- session, …: mail/directory/access-rows.ts
  hash         TEXT UNIQUE,                -- keyed hash of what is shown to us; NULL where nothing secret is
  name         TEXT NOT NULL,              -- the owner's word for it, or the browser's
  detail       TEXT NOT NULL,              -- JSON, by kind
  created_at   INTEGER NOT NULL,
  last_used_at INTEGER                     -- coarse
) STRICT;
CREATE INDEX access_of_account ON access (account);
