-- Form 2: how long a chat was really handled, without what it spent back in the line; and the sums of files.

ALTER TABLE chat ADD COLUMN handled INTEGER NOT NULL DEFAULT 0;
UPDATE chat SET handled = max(0, ended_at - answered_at) WHERE answered_at IS NOT NULL AND ended_at IS NOT NULL;

-- SHA-256, 64 digits in lower case. Empty: the file came before sums were kept.
ALTER TABLE file ADD COLUMN sha256 TEXT NOT NULL DEFAULT '';
