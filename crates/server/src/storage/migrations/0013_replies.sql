-- What was answered to requests that named themselves by a key, and how lists of commands find the newest.

CREATE TABLE replies (
    number INTEGER PRIMARY KEY,
    caller TEXT NOT NULL,
    name TEXT NOT NULL,
    request TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    begun_at BIGINT NOT NULL,
    status INTEGER,
    location TEXT,
    content_type TEXT,
    withheld TEXT,
    body BYTEA,
    UNIQUE (caller, name)
);

CREATE INDEX replies_by_caller ON replies (caller, number);
CREATE INDEX replies_by_age ON replies (begun_at);

CREATE INDEX commands_by_age ON commands (requested_at, id);
CREATE INDEX commands_by_agent ON commands (agent, requested_at, id);
