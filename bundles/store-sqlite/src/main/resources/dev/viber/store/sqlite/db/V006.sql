-- The names of tables and of their first columns are those of the first Viper.
CREATE TABLE vms (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    name           TEXT    NOT NULL UNIQUE,
    status         TEXT    NOT NULL,
    phase          TEXT    NOT NULL,
    spec           TEXT    NOT NULL,
    pid            INTEGER,
    start_ticks    INTEGER,
    boot_id        TEXT,
    ip_address     TEXT    NOT NULL UNIQUE,
    mac_address    TEXT    NOT NULL UNIQUE,
    cpu_cores      INTEGER NOT NULL CHECK (cpu_cores > 0),
    memory_mb      INTEGER NOT NULL CHECK (memory_mb > 0),
    kernel_cmdline TEXT,
    hypervisor     TEXT,
    accelerator    TEXT,
    error          TEXT,
    token          TEXT    NOT NULL,
    guest          TEXT    NOT NULL,
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL,
    started_at     INTEGER,
    ready_at       INTEGER
) STRICT;

-- Only addresses that nobody else may get have a row: those leased, and those in quarantine until free_at.
CREATE TABLE ip_allocations (
    number     INTEGER PRIMARY KEY,
    ip_address TEXT    NOT NULL UNIQUE,
    vm_id      INTEGER REFERENCES vms (id) ON DELETE SET NULL,
    status     TEXT    NOT NULL CHECK (status IN ('leased', 'quarantine')),
    leased_at  INTEGER NOT NULL,
    free_at    INTEGER
) STRICT;
