-- The first form of the database: what each table holds. Times are microseconds since 1970, ids are the desk's numbers.
-- Personal words stand only in the tables of the second half; nothing of them is in the log or the current tables.

-- ── the desk: log, current tables, history ──

-- What happened. One turn's events share `turn`. `body` is JSON without words.
CREATE TABLE event (
  seq  INTEGER PRIMARY KEY,
  turn INTEGER NOT NULL,
  at   INTEGER NOT NULL,
  kind TEXT    NOT NULL,
  body TEXT    NOT NULL DEFAULT '{}'
) STRICT;

-- What is now: one table per entity. `body` is the whole entity as JSON, the other columns are for people who look.
CREATE TABLE desk (
  id      INTEGER PRIMARY KEY CHECK (id = 1),
  next_id INTEGER NOT NULL DEFAULT 0,
  now     INTEGER NOT NULL DEFAULT 0,
  body    TEXT    NOT NULL DEFAULT '{}'
) STRICT;

CREATE TABLE workgroup (
  id   INTEGER PRIMARY KEY,
  name TEXT    NOT NULL DEFAULT '',
  rank INTEGER NOT NULL DEFAULT 0,
  body TEXT    NOT NULL DEFAULT '{}'
) STRICT;

CREATE TABLE queue (
  id        INTEGER PRIMARY KEY,
  workgroup INTEGER NOT NULL DEFAULT 0,
  name      TEXT    NOT NULL DEFAULT '',
  rank      INTEGER NOT NULL DEFAULT 0,
  counted   TEXT    NOT NULL DEFAULT 'Asked',
  target    INTEGER NOT NULL DEFAULT 0,
  body      TEXT    NOT NULL DEFAULT '{}'
) STRICT;

CREATE TABLE agent (
  id   INTEGER PRIMARY KEY,
  name TEXT    NOT NULL DEFAULT '',
  rank INTEGER NOT NULL DEFAULT 0,
  show TEXT    NOT NULL DEFAULT 'Offline',
  body TEXT    NOT NULL DEFAULT '{}'
) STRICT;

CREATE TABLE request (
  id        INTEGER PRIMARY KEY,
  workgroup INTEGER NOT NULL DEFAULT 0,
  asked     INTEGER NOT NULL DEFAULT 0,
  visitor   INTEGER NOT NULL DEFAULT 0,
  medium    TEXT    NOT NULL DEFAULT 'Chat',
  phase     TEXT    NOT NULL DEFAULT 'Waiting',
  joined_at INTEGER NOT NULL DEFAULT 0,
  body      TEXT    NOT NULL DEFAULT '{}'
) STRICT;

CREATE TABLE offer (
  id       INTEGER PRIMARY KEY,
  request  INTEGER NOT NULL DEFAULT 0,
  agent    INTEGER NOT NULL DEFAULT 0,
  deadline INTEGER NOT NULL DEFAULT 0,
  body     TEXT    NOT NULL DEFAULT '{}'
) STRICT;

CREATE TABLE room (
  id      INTEGER PRIMARY KEY,
  queue   INTEGER NOT NULL DEFAULT 0,
  request INTEGER,
  since   INTEGER NOT NULL DEFAULT 0,
  body    TEXT    NOT NULL DEFAULT '{}'
) STRICT;

CREATE TABLE block (
  key    INTEGER PRIMARY KEY,
  "until" INTEGER
) STRICT;

-- Names of workgroups, queues (within a workgroup) and agents; they outlive their removal, so that the history can be
-- read.
CREATE TABLE label (
  kind   TEXT    NOT NULL,
  id     INTEGER NOT NULL,
  within INTEGER NOT NULL DEFAULT 0,
  name   TEXT    NOT NULL DEFAULT '',
  title  TEXT    NOT NULL DEFAULT '',
  PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

-- The history: one row per request, for ever, without words. `counted` is the queue that reports count it on.
CREATE TABLE chat (
  id              INTEGER PRIMARY KEY,
  workgroup       INTEGER NOT NULL,
  asked           INTEGER NOT NULL,
  counted         INTEGER NOT NULL,
  visitor         INTEGER NOT NULL,
  medium          TEXT    NOT NULL,
  priority        INTEGER NOT NULL DEFAULT 5,
  arrived_at      INTEGER NOT NULL,
  joined_at       INTEGER NOT NULL,
  answered_at     INTEGER,
  answered_queue  INTEGER,
  answered_agent  INTEGER,
  within_target   INTEGER NOT NULL DEFAULT 0,
  ended_at        INTEGER,
  ending          TEXT,
  stars           INTEGER,
  tags            TEXT    NOT NULL DEFAULT '[]',
  messages_erased INTEGER NOT NULL DEFAULT 0,
  erased_at       INTEGER
) STRICT;
CREATE INDEX chat_by_visitor ON chat (visitor, id);
CREATE INDEX chat_by_arrival ON chat (arrived_at);
CREATE INDEX chat_to_retain ON chat (workgroup, ended_at) WHERE erased_at IS NULL AND ended_at IS NOT NULL;

CREATE TABLE chat_agent (
  chat       INTEGER NOT NULL,
  agent      INTEGER NOT NULL,
  part       TEXT    NOT NULL,
  entered_at INTEGER NOT NULL,
  left_at    INTEGER,
  PRIMARY KEY (chat, agent)
) STRICT, WITHOUT ROWID;
CREATE INDEX chat_agent_by_agent ON chat_agent (agent, chat);

-- ── people's words, names and addresses: everything that `erase` removes ──

CREATE TABLE visitor (
  id         INTEGER PRIMARY KEY,
  token_hash BLOB,
  first_at   INTEGER NOT NULL,
  last_at    INTEGER NOT NULL,
  visits     INTEGER NOT NULL DEFAULT 1,
  last_agent INTEGER
) STRICT;
CREATE INDEX visitor_by_token ON visitor (token_hash) WHERE token_hash IS NOT NULL;

CREATE TABLE visit (
  request      INTEGER PRIMARY KEY,
  workgroup    INTEGER NOT NULL,
  visitor      INTEGER NOT NULL,
  key_hash     BLOB,
  name         TEXT,
  locale       TEXT    NOT NULL DEFAULT '',
  page         TEXT,
  answers      TEXT    NOT NULL DEFAULT '[]',
  address_hash BLOB,
  opened_at    INTEGER NOT NULL,
  ended_at     INTEGER,
  returned     INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX visit_by_visitor ON visit (visitor, request);
CREATE INDEX visit_by_key ON visit (key_hash, request) WHERE key_hash IS NOT NULL;
CREATE INDEX visit_open ON visit (request) WHERE ended_at IS NULL;
CREATE INDEX visit_with_address ON visit (workgroup, opened_at) WHERE address_hash IS NOT NULL;

CREATE TABLE visit_token (
  hash    BLOB    NOT NULL PRIMARY KEY,
  request INTEGER NOT NULL,
  at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX visit_token_by_request ON visit_token (request);

-- `author` and `who`: -1 the visitor, -2 the desk, otherwise an agent's number.
CREATE TABLE message (
  id           INTEGER PRIMARY KEY,
  chat         INTEGER NOT NULL,
  number       INTEGER NOT NULL,
  author       INTEGER NOT NULL,
  client_id    TEXT    NOT NULL,
  kind         TEXT    NOT NULL,
  text         TEXT    NOT NULL DEFAULT '',
  file         TEXT,
  event        TEXT,
  who          INTEGER,
  stanza_id    TEXT,
  at           INTEGER NOT NULL,
  corrected_at INTEGER,
  UNIQUE (chat, number),
  UNIQUE (chat, author, client_id)
) STRICT;

CREATE VIRTUAL TABLE message_text USING fts5 (
  text, content = 'message', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO message_text (message_text, rank) VALUES ('secure-delete', 1);

CREATE TRIGGER message_text_insert AFTER INSERT ON message WHEN new.kind <> 'Event' BEGIN
  INSERT INTO message_text (rowid, text) VALUES (new.id, new.text);
END;
CREATE TRIGGER message_text_update AFTER UPDATE OF text ON message WHEN old.kind <> 'Event' BEGIN
  INSERT INTO message_text (message_text, rowid, text) VALUES ('delete', old.id, old.text);
  INSERT INTO message_text (rowid, text) VALUES (new.id, new.text);
END;
CREATE TRIGGER message_text_delete AFTER DELETE ON message WHEN old.kind <> 'Event' BEGIN
  INSERT INTO message_text (message_text, rowid, text) VALUES ('delete', old.id, old.text);
END;

CREATE TABLE read_mark (
  chat   INTEGER NOT NULL,
  author INTEGER NOT NULL,
  number INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (chat, author)
) STRICT, WITHOUT ROWID;

CREATE TABLE file (
  id         TEXT    NOT NULL PRIMARY KEY,
  chat       INTEGER NOT NULL,
  author     INTEGER NOT NULL,
  name       TEXT    NOT NULL DEFAULT '',
  media_type TEXT    NOT NULL DEFAULT '',
  size       INTEGER NOT NULL DEFAULT 0,
  path       TEXT    NOT NULL,
  at         INTEGER NOT NULL
) STRICT;
CREATE INDEX file_by_chat ON file (chat, at);
CREATE INDEX file_by_age ON file (at);

CREATE TABLE note (
  id   INTEGER PRIMARY KEY,
  chat INTEGER NOT NULL,
  "by" INTEGER NOT NULL,
  text TEXT    NOT NULL,
  at   INTEGER NOT NULL
) STRICT;
CREATE INDEX note_by_chat ON note (chat, id);

CREATE TABLE rating_comment (
  chat INTEGER PRIMARY KEY,
  text TEXT    NOT NULL,
  at   INTEGER NOT NULL
) STRICT;

CREATE TABLE left_message (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  workgroup    INTEGER NOT NULL,
  name         TEXT    NOT NULL DEFAULT '',
  email        TEXT    NOT NULL DEFAULT '',
  text         TEXT    NOT NULL DEFAULT '',
  locale       TEXT    NOT NULL DEFAULT '',
  page         TEXT,
  address_hash BLOB,
  at           INTEGER NOT NULL,
  done_by      TEXT,
  done_at      INTEGER
) STRICT;
CREATE INDEX left_message_open ON left_message (id) WHERE done_at IS NULL;
CREATE INDEX left_message_by_age ON left_message (workgroup, at);

CREATE TABLE block_note (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  key     INTEGER NOT NULL,
  request INTEGER,
  "by"    TEXT    NOT NULL,
  reason  TEXT    NOT NULL DEFAULT '',
  "until" INTEGER,
  at      INTEGER NOT NULL
) STRICT;
CREATE INDEX block_note_by_key ON block_note (key);
CREATE INDEX block_note_by_request ON block_note (request) WHERE request IS NOT NULL;

CREATE TABLE delivery (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  channel    TEXT    NOT NULL,
  webhook    INTEGER,
  address    TEXT    NOT NULL DEFAULT '',
  subject    TEXT    NOT NULL DEFAULT '',
  body       TEXT    NOT NULL DEFAULT '',
  chat       INTEGER,
  attempts   INTEGER NOT NULL DEFAULT 0,
  state      TEXT    NOT NULL DEFAULT 'Due',
  note       TEXT    NOT NULL DEFAULT '',
  due_at     INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  settled_at INTEGER
) STRICT;
CREATE INDEX delivery_due ON delivery (channel, due_at) WHERE state = 'Due';
CREATE INDEX delivery_by_webhook ON delivery (channel, webhook, id);
CREATE INDEX delivery_by_chat ON delivery (chat) WHERE chat IS NOT NULL;
CREATE INDEX delivery_settled ON delivery (settled_at) WHERE settled_at IS NOT NULL;

-- ── the house's people, programs and settings ──

CREATE TABLE account (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  name          TEXT    NOT NULL UNIQUE,
  title         TEXT    NOT NULL DEFAULT '',
  role          TEXT    NOT NULL,
  disabled      INTEGER NOT NULL DEFAULT 0,
  salt          BLOB    NOT NULL,
  iterations    INTEGER NOT NULL,
  stored_sha256 BLOB    NOT NULL,
  server_sha256 BLOB    NOT NULL,
  stored_sha1   BLOB    NOT NULL,
  server_sha1   BLOB    NOT NULL,
  created_at    INTEGER NOT NULL,
  password_at   INTEGER NOT NULL
) STRICT;

CREATE TABLE web_session (
  token      BLOB    NOT NULL PRIMARY KEY,
  csrf       BLOB    NOT NULL,
  account    INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  seen_at    INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX web_session_by_account ON web_session (account);
CREATE INDEX web_session_by_end ON web_session (expires_at);

CREATE TABLE api_key (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  token      BLOB    NOT NULL UNIQUE,
  title      TEXT    NOT NULL DEFAULT '',
  scopes     TEXT    NOT NULL DEFAULT '[]',
  agent      TEXT,
  "by"       TEXT    NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL,
  used_at    INTEGER,
  expires_at INTEGER
) STRICT;

CREATE TABLE canned (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  owner     TEXT    NOT NULL DEFAULT '',
  shortcut  TEXT    NOT NULL,
  title     TEXT    NOT NULL DEFAULT '',
  text      TEXT    NOT NULL DEFAULT '',
  workgroup TEXT    NOT NULL DEFAULT '',
  locale    TEXT    NOT NULL DEFAULT '',
  UNIQUE (owner, shortcut, workgroup, locale)
) STRICT;

CREATE TABLE webhook (
  id     INTEGER PRIMARY KEY AUTOINCREMENT,
  url    TEXT    NOT NULL,
  events TEXT    NOT NULL DEFAULT '[]',
  secret TEXT    NOT NULL DEFAULT '',
  paused INTEGER NOT NULL DEFAULT 0,
  at     INTEGER NOT NULL
) STRICT;

CREATE TABLE audit (
  seq    INTEGER PRIMARY KEY AUTOINCREMENT,
  at     INTEGER NOT NULL,
  who    TEXT    NOT NULL,
  what   TEXT    NOT NULL,
  "on"   TEXT    NOT NULL DEFAULT '',
  detail TEXT    NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE document (
  name    TEXT    NOT NULL PRIMARY KEY,
  body    TEXT    NOT NULL DEFAULT '{}',
  version INTEGER NOT NULL DEFAULT 1,
  at      INTEGER NOT NULL
) STRICT;

CREATE TABLE secret (
  name  TEXT NOT NULL PRIMARY KEY,
  value BLOB NOT NULL
) STRICT;
