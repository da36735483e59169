-- The secret before a rotation, while it is still valid.
ALTER TABLE token ADD COLUMN old_hash TEXT;
ALTER TABLE token ADD COLUMN old_until INTEGER;

-- Device grants (RFC 8628) under way; of both codes only hashes are kept.
CREATE TABLE device_grant (
  device_hash  TEXT PRIMARY KEY,
  user_hash    TEXT NOT NULL UNIQUE,
  client_id    TEXT NOT NULL,
  viber_id     TEXT NOT NULL,
  name         TEXT NOT NULL,
  capabilities TEXT NOT NULL,
  address      TEXT NOT NULL,
  state        TEXT NOT NULL,
  created_at   INTEGER NOT NULL,
  expires_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX device_grant_by_address ON device_grant (address);
CREATE INDEX device_grant_by_expiry ON device_grant (expires_at);
