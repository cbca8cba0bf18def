-- The keys that agents enrolled with, as SHA-256 in hexadecimal. An agent has one.

CREATE TABLE agent_keys (
    agent TEXT NOT NULL PRIMARY KEY,
    hash TEXT NOT NULL,
    enrolled_at BIGINT NOT NULL
);
