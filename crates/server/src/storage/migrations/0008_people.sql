-- Accounts of people, removed ones included, so that their tokens do not come back. Passwords stand apart:
-- whoever lists people has no business with them.

CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    username TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT,
    role TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    signed_in_at BIGINT,
    gone_at BIGINT,
    valid_from BIGINT NOT NULL
);

-- Hashes in PHC form, which names its own algorithm and parameters.
CREATE TABLE passwords (
    user_id TEXT NOT NULL PRIMARY KEY,
    hash TEXT NOT NULL
);

-- Who is signed in where; the hash is that of the secret which the next refresh has to show.
CREATE TABLE sign_ins (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL,
    hash TEXT NOT NULL,
    begun_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
