CREATE TABLE event (
  number INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  session TEXT,
  delivery TEXT,
  message_id TEXT,
  sender TEXT,
  recipient TEXT,
  client TEXT,
  size_bytes INTEGER,
  reply TEXT,
  -- JSON object of short facts
  detail TEXT
) STRICT;
CREATE INDEX event_by_time ON event (at);
CREATE INDEX event_by_delivery ON event (delivery, at) WHERE delivery IS NOT NULL;
CREATE INDEX event_by_message ON event (message_id, at) WHERE message_id IS NOT NULL;
CREATE INDEX event_by_sender ON event (sender, at) WHERE sender IS NOT NULL;
CREATE INDEX event_by_recipient ON event (recipient, at) WHERE recipient IS NOT NULL;
