-- Form 4: a message left while closed may be a known visitor's, and goes when that visitor is erased. A mail that was given
-- up no longer keeps whom it was for and what it said.

ALTER TABLE left_message ADD COLUMN visitor INTEGER;
CREATE INDEX left_message_by_visitor ON left_message (visitor) WHERE visitor IS NOT NULL;

UPDATE delivery SET body = '', address = '' WHERE state = 'Dead';
