-- Webhooks, what each is to be told and was told last, and the agents that are there.

CREATE TABLE webhooks (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    occasions TEXT NOT NULL,
    agent TEXT,
    is_active BIGINT NOT NULL,
    turned_off TEXT,
    failing_since BIGINT,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    secret TEXT NOT NULL,
    old_secret TEXT,
    old_secret_until BIGINT
);

CREATE TABLE webhook_deliveries (
    id TEXT PRIMARY KEY,
    webhook TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    last_status BIGINT,
    last_error TEXT,
    news TEXT NOT NULL
);

CREATE INDEX webhook_deliveries_by_webhook ON webhook_deliveries (webhook, state, id);

CREATE TABLE expected_agents (
    agent TEXT PRIMARY KEY
);
