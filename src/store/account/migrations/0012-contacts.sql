-- Address books and contacts (RFC 9610). The row of `contacts` comes with the default address book, when contacts are first asked for.
CREATE TABLE contacts (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  -- When any of them last changed, those that are no more included
  books_mod_seq INTEGER NOT NULL,
  cards_mod_seq INTEGER NOT NULL,
  -- What was removed up to here is no longer known
  gone_floor INTEGER NOT NULL,
  cards INTEGER NOT NULL,
  -- Of all cards, photos included
  octets INTEGER NOT NULL
) STRICT;

-- `value`: name, description, sortOrder and isSubscribed, as JSON
CREATE TABLE address_book (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  created_mod_seq INTEGER NOT NULL,
  mod_seq INTEGER NOT NULL,
  is_default INTEGER NOT NULL,
  value TEXT NOT NULL
) STRICT;

-- `value`: the card as JSON, without its id; its photos are named there by their hashes
CREATE TABLE contact_card (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  created_mod_seq INTEGER NOT NULL,
  mod_seq INTEGER NOT NULL,
  uid TEXT NOT NULL UNIQUE,
  octets INTEGER NOT NULL,
  value TEXT NOT NULL
) STRICT;
CREATE INDEX contact_card_mod_seq ON contact_card (mod_seq);

CREATE TABLE contact_card_book (
  book INTEGER NOT NULL,
  card INTEGER NOT NULL,
  PRIMARY KEY (book, card)
) STRICT, WITHOUT ROWID;
CREATE INDEX contact_card_book_card ON contact_card_book (card);

-- Photos. `hash`: the first 32 hexadecimal digits of the octets' SHA-256
CREATE TABLE contact_blob (
  card INTEGER NOT NULL,
  hash TEXT NOT NULL,
  bytes BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX contact_blob_card ON contact_blob (card, hash);
CREATE INDEX contact_blob_hash ON contact_blob (hash);

-- Whose cards have an address, in the form in which addresses are compared
CREATE TABLE contact_address (
  address TEXT NOT NULL,
  card INTEGER NOT NULL,
  PRIMARY KEY (address, card)
) STRICT, WITHOUT ROWID;
CREATE INDEX contact_address_card ON contact_address (card);

CREATE TABLE contacts_gone (
  kind TEXT NOT NULL,
  id INTEGER NOT NULL,
  mod_seq INTEGER NOT NULL,
  PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX contacts_gone_mod_seq ON contacts_gone (kind, mod_seq);
