-- The search index of one account, search.db beside account.db. Everything here follows from account.db: a file of another
-- format, or of another account history, is thrown away and built anew, so there are no migrations.

CREATE TABLE state (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  -- The account's epoch when this was begun: a restore raises it
  epoch INTEGER NOT NULL,
  -- Every email up to this id is in a segment, or was gone before it was read
  indexed INTEGER NOT NULL,
  -- The last email indexed and its checksum: another letter under this id means another history
  mark_email INTEGER NOT NULL,
  mark_checksum INTEGER NOT NULL,
  -- Removals up to this modseq are in gone
  removed_mod_seq INTEGER NOT NULL,
  -- Words are hashed with it
  word_seed INTEGER NOT NULL,
  next_segment INTEGER NOT NULL,
  next_block INTEGER NOT NULL
) STRICT;

-- A run of emails with their grams. Segments of a kind do not overlap; ids are never used again.
CREATE TABLE segment (
  id INTEGER PRIMARY KEY,
  -- 0: of the letters; 1: of the documents attached to them
  kind INTEGER NOT NULL,
  first_email INTEGER NOT NULL,
  last_email INTEGER NOT NULL,
  letters INTEGER NOT NULL,
  -- Of its letters, so many are gone
  gone INTEGER NOT NULL,
  first_block INTEGER NOT NULL,
  -- Blocks of lists, and behind them blocks of fields
  blocks INTEGER NOT NULL,
  field_blocks INTEGER NOT NULL,
  -- By letter number: email id less first_email, 32 bit little endian
  emails BLOB NOT NULL,
  -- By letter: size and days (formats/search/facts.ts)
  facts BLOB NOT NULL,
  -- By block: its first key, 64 bit float little endian
  first_keys BLOB NOT NULL
) STRICT;

-- Lists of grams (formats/search/block.ts) and fields (field-texts.ts). Blocks that no segment names are left over from a merge that was cut off.
CREATE TABLE block (
  id INTEGER PRIMARY KEY,
  -- CRC-32
  checksum INTEGER NOT NULL,
  bytes BLOB NOT NULL
) STRICT;

-- Emails in segments of that kind that no longer exist
CREATE TABLE gone (
  kind INTEGER NOT NULL,
  email INTEGER NOT NULL,
  PRIMARY KEY (kind, email)
) STRICT, WITHOUT ROWID;

-- Emails whose attached documents (PDF, office files) have not been read yet
CREATE TABLE waiting (
  email INTEGER PRIMARY KEY
) STRICT;

-- The text of an email's documents, Zstandard
CREATE TABLE document (
  email INTEGER PRIMARY KEY,
  -- 0: not yet; 1: it is in a segment; 2: too much to be indexed
  indexed INTEGER NOT NULL,
  text BLOB NOT NULL
) STRICT;
CREATE INDEX document_not_indexed ON document (email) WHERE indexed <> 1;
