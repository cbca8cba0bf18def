-- Output as searchable text, in pieces. An indexer fills it behind the commits: up to indexed_position of each log.

ALTER TABLE streams ADD COLUMN indexed_position BIGINT NOT NULL DEFAULT 0;

CREATE INDEX streams_unindexed ON streams (number) WHERE next_position > indexed_position;

CREATE TABLE searchable (
    number INTEGER PRIMARY KEY,
    stream BIGINT NOT NULL,
    position BIGINT NOT NULL,
    written_at BIGINT NOT NULL,
    content TEXT NOT NULL
);

CREATE INDEX searchable_by_stream ON searchable (stream, position);
