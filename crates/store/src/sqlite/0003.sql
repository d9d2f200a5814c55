-- Form 3: what accounts of the embedded XMPP server keep there, and persistent rooms. Addresses are bare JIDs as
-- text, stanzas and documents are XML text, times are microseconds since 1970. All of it is people's own words and ties.

-- One row per account that has anything. `otherwise`, `always`, `never`: which chats are archived (XEP-0313 §5).
CREATE TABLE xmpp_account (
  account   TEXT    NOT NULL PRIMARY KEY,
  version   INTEGER NOT NULL DEFAULT 0,
  otherwise TEXT    NOT NULL DEFAULT 'Always',
  always    TEXT    NOT NULL DEFAULT '[]',
  never     TEXT    NOT NULL DEFAULT '[]',
  seen_at   INTEGER,
  seen_text TEXT    NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

CREATE TABLE xmpp_contact (
  account  TEXT    NOT NULL,
  jid      TEXT    NOT NULL,
  name     TEXT,
  groups   TEXT    NOT NULL DEFAULT '[]',
  knows    INTEGER NOT NULL DEFAULT 0,
  is_known INTEGER NOT NULL DEFAULT 0,
  asked    INTEGER NOT NULL DEFAULT 0,
  approved INTEGER NOT NULL DEFAULT 0,
  request  TEXT,
  listed   INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (account, jid)
) STRICT, WITHOUT ROWID;

CREATE TABLE xmpp_blocked (
  account TEXT NOT NULL,
  jid     TEXT NOT NULL,
  PRIMARY KEY (account, jid)
) STRICT, WITHOUT ROWID;

CREATE TABLE xmpp_private (
  account TEXT NOT NULL,
  key     TEXT NOT NULL,
  body    TEXT NOT NULL,
  PRIMARY KEY (account, key)
) STRICT;

CREATE TABLE xmpp_vcard (
  account TEXT NOT NULL PRIMARY KEY,
  body    TEXT NOT NULL
) STRICT;

CREATE TABLE xmpp_offline (
  account TEXT    NOT NULL,
  number  INTEGER NOT NULL,
  at      INTEGER NOT NULL,
  stanza  TEXT    NOT NULL,
  PRIMARY KEY (account, number)
) STRICT;
CREATE INDEX xmpp_offline_by_age ON xmpp_offline (at);

-- The archives of accounts and of rooms: `owner` is the one or the other.
CREATE TABLE xmpp_archive (
  seq       INTEGER PRIMARY KEY AUTOINCREMENT,
  owner     TEXT    NOT NULL,
  id        TEXT    NOT NULL,
  with_bare TEXT    NOT NULL,
  with_full TEXT    NOT NULL,
  at        INTEGER NOT NULL,
  stanza    TEXT    NOT NULL,
  UNIQUE (owner, id)
) STRICT;
CREATE INDEX xmpp_archive_by_owner ON xmpp_archive (owner, seq);
CREATE INDEX xmpp_archive_by_peer ON xmpp_archive (owner, with_bare, seq);
CREATE INDEX xmpp_archive_with ON xmpp_archive (with_bare);
CREATE INDEX xmpp_archive_by_age ON xmpp_archive (at);

-- Persistent rooms, one document each.
CREATE TABLE xmpp_room (
  room TEXT    NOT NULL PRIMARY KEY,
  body TEXT    NOT NULL,
  at   INTEGER NOT NULL
) STRICT;
