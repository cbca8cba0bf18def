-- Holds that people ordered, budgets of agents, and command lines kept under names.

CREATE TABLE holds (
    agent TEXT PRIMARY KEY,
    cause TEXT NOT NULL,
    ordered_by TEXT NOT NULL,
    since BIGINT NOT NULL,
    detail TEXT NOT NULL
);

CREATE TABLE budgets (
    agent TEXT PRIMARY KEY,
    commands_per_hour BIGINT,
    time_per_hour BIGINT,
    excess TEXT NOT NULL
);

CREATE TABLE presets (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    line TEXT NOT NULL,
    agent TEXT,
    directory TEXT,
    priority INTEGER NOT NULL,
    timeout BIGINT,
    made_by TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);
