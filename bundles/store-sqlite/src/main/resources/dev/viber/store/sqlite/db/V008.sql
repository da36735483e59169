-- A number of VMs of one kind that is wanted. The table and its columns id, name, status, created_at and updated_at are those
-- of the first Viper, which never wrote a row; nothing of ours is made by a plugin, and its metadata is the template.
CREATE TABLE workloads (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT    NOT NULL UNIQUE,
    status     TEXT    NOT NULL CHECK (status IN ('wanted', 'deleting')),
    template   TEXT    NOT NULL,
    replicas   INTEGER NOT NULL CHECK (replicas >= 0),
    restart    TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

-- One of them, and the VM that is it: ids of VMs are never given again, their names are.
CREATE TABLE replicas (
    workload_id INTEGER NOT NULL REFERENCES workloads (id),
    number      INTEGER NOT NULL CHECK (number > 0),
    phase       TEXT    NOT NULL,
    vm_id       INTEGER UNIQUE REFERENCES vms (id) ON DELETE SET NULL,
    restarts    INTEGER NOT NULL,
    failures    INTEGER NOT NULL,
    reason      TEXT,
    not_before  INTEGER,
    PRIMARY KEY (workload_id, number)
) STRICT;
