-- Domains, users, aliases of one installation. Read whole into memory at start; written by one thread.

CREATE TABLE domain (
  name        TEXT PRIMARY KEY,            -- lower case, A-labels
  catch_all   TEXT,
  separators  TEXT NOT NULL,
  created_at  INTEGER NOT NULL             -- milliseconds since 1970, as everywhere here
) STRICT, WITHOUT ROWID;

CREATE TABLE user (
  account         TEXT PRIMARY KEY,        -- random, never reused
  address         TEXT NOT NULL UNIQUE,    -- canonical
  name            TEXT NOT NULL,
  enabled         INTEGER NOT NULL,
  language        TEXT NOT NULL,
  quota_bytes     INTEGER,
  password_hash   TEXT,                    -- PHC string, or {SCHEME}… as imported
  password_version INTEGER NOT NULL,       -- raised by each new password, not by a new hash of the same one
  scram_salt      BLOB NOT NULL,           -- one per account, for all its credentials
  scram_iterations INTEGER NOT NULL,
  scram           TEXT,                    -- JSON: verifiers (RFC 5803) of the present password
  created_at      INTEGER NOT NULL
) STRICT;

CREATE TABLE alias (
  address     TEXT PRIMARY KEY,
  targets     TEXT NOT NULL,               -- JSON array of canonical addresses
  created_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Names that were in use once: never caught by the catch-all, not given to somebody else for a while.
CREATE TABLE deleted_address (
  address     TEXT PRIMARY KEY,
  kind        TEXT NOT NULL,               -- user, alias
  account     TEXT,                        -- whose mail may still lie on disk
  deleted_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
