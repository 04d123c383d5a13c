-- What one account has taught its junk filter, junk.db beside account.db. Everything but what was taught by files follows from
-- account.db: a file of another format, or of another account history, is thrown away and built anew, so there are no migrations.

CREATE TABLE state (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  -- The account's epoch when this was begun: a restore raises it
  epoch INTEGER NOT NULL,
  -- Changes up to this modseq were looked at
  followed INTEGER NOT NULL,
  -- Tokens are hashed with it
  seed INTEGER NOT NULL,
  -- Letters learnt, faded by age
  junk INTEGER NOT NULL,
  ham INTEGER NOT NULL,
  -- Letters learnt ever: the clock of this file
  learnt INTEGER NOT NULL,
  -- The letter that is being read by itself, because one in its batch ended the thread; 0: none
  trying INTEGER NOT NULL
) STRICT;

-- In how many letters a token was
CREATE TABLE token (
  hash INTEGER PRIMARY KEY,
  junk INTEGER NOT NULL,
  ham INTEGER NOT NULL,
  -- state.learnt when it was last seen
  seen INTEGER NOT NULL
) STRICT;

-- The same for addresses and domains of senders
CREATE TABLE sender (
  hash INTEGER PRIMARY KEY,
  junk INTEGER NOT NULL,
  ham INTEGER NOT NULL,
  seen INTEGER NOT NULL
) STRICT;

-- Addresses that the account has written to
CREATE TABLE correspondent (
  hash INTEGER PRIMARY KEY,
  seen INTEGER NOT NULL
) STRICT;

-- Emails that are there and were looked at: what they count as now (verdict.ts), and which keyword they had
CREATE TABLE email (
  id INTEGER PRIMARY KEY,
  verdict INTEGER NOT NULL,
  keyword INTEGER NOT NULL
) STRICT;

-- Letters taught by the command line, by SHA-256
CREATE TABLE file (
  hash BLOB PRIMARY KEY,
  verdict INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
