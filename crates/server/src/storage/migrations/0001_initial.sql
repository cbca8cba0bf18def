-- The first schema. One text for both databases: no BOOLEAN, times in milliseconds as BIGINT, JSON as TEXT.
-- INTEGER PRIMARY KEY numbers rows by itself on SQLite; for PostgreSQL schema.rs writes its words for the same.

CREATE TABLE agents (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    agent_type TEXT NOT NULL,
    version TEXT NOT NULL,
    platform TEXT NOT NULL,
    host TEXT NOT NULL,
    capabilities TEXT NOT NULL,
    connected_at BIGINT NOT NULL,
    last_activity BIGINT NOT NULL
);

CREATE TABLE commands (
    id TEXT NOT NULL PRIMARY KEY,
    agent TEXT NOT NULL,
    line TEXT NOT NULL,
    priority INTEGER NOT NULL,
    rank BIGINT NOT NULL,
    requested_by TEXT NOT NULL,
    requested_at BIGINT NOT NULL,
    request_id TEXT,
    timeout_ms BIGINT NOT NULL,
    directory TEXT,
    environment TEXT NOT NULL,
    state TEXT NOT NULL,
    started_at BIGINT,
    outcome TEXT,
    exit_code INTEGER,
    signal TEXT,
    reason TEXT,
    ended_at BIGINT,
    ran_for_ms BIGINT
);

CREATE INDEX commands_live ON commands (agent, priority, rank) WHERE ended_at IS NULL;
CREATE INDEX commands_ended ON commands (ended_at, requested_at, rank, id) WHERE ended_at IS NOT NULL;

-- One row per log. It carries the sums that pruning needs, so that pruning never counts groups.
CREATE TABLE streams (
    number INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    first_position BIGINT NOT NULL,
    next_position BIGINT NOT NULL,
    next_sequence BIGINT NOT NULL,
    kept_bytes BIGINT NOT NULL,
    oldest_at BIGINT NOT NULL,
    UNIQUE (kind, source, epoch)
);

CREATE INDEX streams_by_age ON streams (oldest_at, number, kept_bytes) WHERE kept_bytes > 0;
CREATE INDEX streams_by_size ON streams (kept_bytes);

-- Records that were stored together; what is in records, record_codec.rs says.
CREATE TABLE output (
    stream BIGINT NOT NULL,
    position BIGINT NOT NULL,
    end_position BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    next_sequence BIGINT NOT NULL,
    written_at BIGINT NOT NULL,
    records BYTEA NOT NULL,
    PRIMARY KEY (stream, position)
);

CREATE TABLE audit (
    number INTEGER PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    address TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    refusal TEXT
);
