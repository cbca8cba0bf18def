-- Keys of agents, as SHA-256 in hexadecimal: those that people made, and those that agents enrolled with, of each agent
-- one. parent is the key that an agent enrolled through.

CREATE TABLE keys (
    id TEXT NOT NULL PRIMARY KEY,
    origin TEXT NOT NULL,
    name TEXT NOT NULL,
    hash TEXT NOT NULL,
    agent TEXT,
    parent TEXT,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    expires_at BIGINT,
    used_at BIGINT,
    revoked_at BIGINT
);

INSERT INTO keys (id, origin, name, hash, agent, made_by, made_at)
    SELECT 'key-' || SUBSTR(hash, 1, 24), 'enrolled', agent, hash, agent, agent, enrolled_at FROM agent_keys;

DROP TABLE agent_keys;
