-- The kinds of command line agents that people added; those that come with the program are not stored.

CREATE TABLE agent_types (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    description TEXT,
    command_template TEXT NOT NULL,
    continue_template TEXT,
    headless_template TEXT,
    asking_patterns TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
