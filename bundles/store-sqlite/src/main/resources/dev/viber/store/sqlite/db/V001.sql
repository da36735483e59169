-- Topics keep their numbering when their events are forgotten.
CREATE TABLE topic (
  id       INTEGER PRIMARY KEY,
  name     TEXT NOT NULL UNIQUE,
  last_seq INTEGER NOT NULL
) STRICT;

-- One row holds consecutive events of one topic, committed together; body is SegmentCodec's.
CREATE TABLE journal (
  position INTEGER PRIMARY KEY,
  topic_id INTEGER NOT NULL,
  seq      INTEGER NOT NULL,
  count    INTEGER NOT NULL,
  at       INTEGER NOT NULL,
  body     BLOB NOT NULL
) STRICT;
CREATE INDEX journal_by_topic ON journal (topic_id, seq);

CREATE TABLE task (
  id              TEXT PRIMARY KEY,
  goal            TEXT NOT NULL,
  viber_id        TEXT,
  pinned          INTEGER NOT NULL,
  phase           TEXT NOT NULL,
  ended           INTEGER NOT NULL,
  attempt         INTEGER NOT NULL,
  options         TEXT NOT NULL,
  result          TEXT,
  error           TEXT,
  created_at      INTEGER NOT NULL,
  started_at      INTEGER,
  completed_at    INTEGER,
  peer_seq        INTEGER NOT NULL,
  lease_until     INTEGER,
  deadline        INTEGER,
  idempotency_key TEXT UNIQUE
) STRICT;
CREATE INDEX task_by_time ON task (created_at, id);
CREATE INDEX task_by_phase ON task (phase, created_at, id);
CREATE INDEX task_open_by_viber ON task (viber_id, created_at) WHERE ended = 0;
CREATE INDEX task_open_by_lease ON task (lease_until) WHERE ended = 0 AND lease_until IS NOT NULL;
CREATE INDEX task_open_by_deadline ON task (deadline) WHERE ended = 0 AND deadline IS NOT NULL;
CREATE INDEX task_ended ON task (completed_at) WHERE ended = 1;

CREATE TABLE command (
  viber_id TEXT NOT NULL,
  cmd      INTEGER NOT NULL,
  task_id  TEXT,
  body     TEXT NOT NULL,
  PRIMARY KEY (viber_id, cmd)
) STRICT, WITHOUT ROWID;
CREATE INDEX command_by_task ON command (task_id);
CREATE TABLE command_count (
  viber_id TEXT PRIMARY KEY,
  last_cmd INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE viber (
  id           TEXT PRIMARY KEY,
  name         TEXT NOT NULL,
  info         TEXT NOT NULL,
  config       TEXT NOT NULL,
  created_at   INTEGER NOT NULL,
  connected_at INTEGER,
  last_seen_at INTEGER
) STRICT;

CREATE TABLE token (
  id         TEXT PRIMARY KEY,
  role       TEXT NOT NULL,
  viber_id   TEXT,
  name       TEXT,
  hash       TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  revoked_at INTEGER
) STRICT;
CREATE INDEX token_by_viber ON token (viber_id);

CREATE TABLE approval (
  id         TEXT PRIMARY KEY,
  task_id    TEXT NOT NULL,
  tool       TEXT,
  arguments  TEXT NOT NULL,
  reason     TEXT NOT NULL,
  state      TEXT NOT NULL,
  decided_by TEXT,
  created_at INTEGER NOT NULL,
  decided_at INTEGER
) STRICT;
CREATE INDEX approval_by_task ON approval (task_id);

CREATE TABLE artifact (
  task_id    TEXT NOT NULL,
  name       TEXT NOT NULL,
  type       TEXT NOT NULL,
  bytes      INTEGER NOT NULL,
  sha256     TEXT NOT NULL,
  location   TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (task_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE plugin (
  id            TEXT PRIMARY KEY,
  viber_id      TEXT,
  symbolic_name TEXT NOT NULL,
  version       TEXT NOT NULL,
  digest        TEXT NOT NULL,
  state         TEXT NOT NULL,
  signature     TEXT,
  location      TEXT NOT NULL,
  created_at    INTEGER NOT NULL
) STRICT;

CREATE TABLE value (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
