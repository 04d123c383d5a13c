-- Header fields for the sender's own copy in Sent alone (Bcc). No attempt and no report reads them; NULL when there are none or it is filed.
ALTER TABLE entry ADD COLUMN sent_copy_fields BLOB;
