-- Credentials that count no longer, by the SHA-256 of their text. Without a time of expiry they stay for good.

CREATE TABLE revoked (
    credential TEXT NOT NULL PRIMARY KEY,
    revoked_at BIGINT NOT NULL,
    expires_at BIGINT
);
