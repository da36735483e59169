-- No release wrote a row into this table before.
DROP TABLE plugin;
CREATE TABLE plugin (
  id            TEXT PRIMARY KEY,
  viber_id      TEXT,
  symbolic_name TEXT NOT NULL,
  version       TEXT NOT NULL,
  digest        TEXT NOT NULL,
  state         TEXT NOT NULL,
  signature     TEXT,
  location      TEXT NOT NULL,
  former        TEXT,
  services      TEXT NOT NULL,
  error         TEXT,
  source        TEXT NOT NULL,
  offer         TEXT NOT NULL,
  attempts      INTEGER NOT NULL,
  created_at    INTEGER NOT NULL,
  updated_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX plugin_by_viber ON plugin (viber_id);
