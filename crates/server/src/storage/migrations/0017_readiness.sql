-- Whether pictures of a stream flow, or when they ceased. No producer outlives the server: a starting one ends them all.
CREATE TABLE readiness (
    stream TEXT NOT NULL PRIMARY KEY,
    since BIGINT NOT NULL,
    ended_at BIGINT
);
