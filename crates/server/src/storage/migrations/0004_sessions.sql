-- Sessions with their workers, repositories, and how terminals looked at some places of their logs.

CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY,
    agent TEXT NOT NULL,
    kind TEXT NOT NULL,
    repository TEXT,
    branch TEXT,
    path TEXT NOT NULL,
    title TEXT,
    initial_prompt TEXT,
    created_at BIGINT NOT NULL
);

-- place is the worker's number in its session's list.
CREATE TABLE workers (
    id TEXT NOT NULL PRIMARY KEY,
    session TEXT NOT NULL,
    place BIGINT NOT NULL,
    name TEXT NOT NULL,
    agent_type TEXT,
    created_at BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    state TEXT NOT NULL,
    started_at BIGINT,
    exit_code INTEGER,
    signal TEXT,
    reason TEXT,
    ended_at BIGINT,
    activity TEXT NOT NULL,
    activity_since BIGINT NOT NULL,
    terminal_columns BIGINT NOT NULL,
    terminal_rows BIGINT NOT NULL,
    line TEXT,
    environment TEXT NOT NULL,
    asking_patterns TEXT NOT NULL
);

CREATE INDEX workers_by_session ON workers (session);

CREATE TABLE repositories (
    id TEXT NOT NULL PRIMARY KEY,
    agent TEXT NOT NULL,
    name TEXT NOT NULL,
    path TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- At most two per log. A screen that is shorter than its length is packed by zlib.
CREATE TABLE checkpoints (
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    position BIGINT NOT NULL,
    terminal_columns BIGINT NOT NULL,
    terminal_rows BIGINT NOT NULL,
    length BIGINT NOT NULL,
    screen BYTEA NOT NULL,
    PRIMARY KEY (kind, source, epoch, position)
);

-- A log that is to be forgotten has the kind `gone` until pruning has deleted all of it.
CREATE INDEX streams_gone ON streams (number) WHERE kind = 'gone';
