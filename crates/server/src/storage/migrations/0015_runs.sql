-- Runs, and the steps they took with the pictures of them.

CREATE TABLE runs (
    id TEXT NOT NULL PRIMARY KEY,
    owner TEXT NOT NULL,
    requested_by TEXT NOT NULL,
    requested_at BIGINT NOT NULL,
    agent TEXT NOT NULL,
    session TEXT,
    task TEXT,
    script TEXT,
    step_limit BIGINT NOT NULL,
    time_limit_ms BIGINT NOT NULL,
    steps BIGINT NOT NULL,
    stage TEXT,
    state TEXT NOT NULL,
    began_at BIGINT,
    ended_at BIGINT,
    error TEXT,
    answer TEXT,
    commands TEXT
);

CREATE INDEX runs_by_age ON runs (requested_at, id);
CREATE INDEX runs_by_end ON runs (ended_at, id);

-- A picture that was deleted, or never was, has no bytes.
CREATE TABLE run_steps (
    run TEXT NOT NULL,
    number BIGINT NOT NULL,
    action TEXT NOT NULL,
    explanation TEXT NOT NULL,
    taken_at BIGINT NOT NULL,
    picture_kind TEXT,
    picture_bytes BIGINT NOT NULL,
    picture BYTEA,
    PRIMARY KEY (run, number)
);

CREATE INDEX run_pictures ON run_steps (taken_at, picture_bytes) WHERE picture_bytes > 0;
