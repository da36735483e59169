-- What a VM was at one instant; its files lie in a folder named by the id. A row that is not whole is of a server that was killed.
CREATE TABLE snapshots (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    name           TEXT    NOT NULL UNIQUE,
    vm             TEXT    NOT NULL,
    kept           INTEGER NOT NULL CHECK (kept IN (0, 1)),
    whole          INTEGER NOT NULL CHECK (whole IN (0, 1)),
    spec           TEXT    NOT NULL,
    kernel_cmdline TEXT    NOT NULL,
    hypervisor     TEXT    NOT NULL,
    accelerator    TEXT    NOT NULL,
    bound_to       TEXT    NOT NULL,
    files          TEXT    NOT NULL,
    bytes          INTEGER NOT NULL,
    created_at     INTEGER NOT NULL
) STRICT;

-- The snapshot a VM has yet to become.
ALTER TABLE vms ADD COLUMN origin INTEGER REFERENCES snapshots (id);
