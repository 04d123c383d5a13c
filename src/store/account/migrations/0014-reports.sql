-- Letters that report on what was sent from here (RFC 3464, RFC 8098), as they came in: which letter they name, and what they say of its recipients. Who may believe them
-- is known to who asks. An earlier release leaves rows of emails that it destroys: a row counts where its email is there.
CREATE TABLE report (
  email INTEGER PRIMARY KEY,
  -- dsn | mdn
  kind TEXT NOT NULL,
  -- Of the entry in our own queue, where that has written it
  delivery TEXT,
  -- Of the letter that it is about, without angle brackets
  message_id TEXT,
  envelope_id TEXT,
  -- JSON: recipients of read-report.ts
  recipients TEXT NOT NULL
) STRICT;
CREATE INDEX report_delivery ON report (delivery) WHERE delivery IS NOT NULL;
CREATE INDEX report_message_id ON report (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX report_envelope_id ON report (envelope_id) WHERE envelope_id IS NOT NULL;
