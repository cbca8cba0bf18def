-- The audit for people: a name for each record, who asked in words, which agent it concerns, and the result as a word.

ALTER TABLE audit ADD COLUMN id TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN program TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN agent TEXT;
ALTER TABLE audit ADD COLUMN agent_name TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN result TEXT NOT NULL DEFAULT 'success';

-- What older records say of it: only a role's refusal was told in these words.
UPDATE audit SET id = 'aud-' || CAST(number AS TEXT), name = actor,
    agent = CASE WHEN action IN ('agent.link', 'agent.stat', 'agent.git', 'command.enqueue', 'session.create',
        'repository.add') THEN subject END,
    result = CASE WHEN refusal IS NULL THEN 'success'
        WHEN refusal LIKE 'this takes the role %' OR refusal LIKE '%token%' THEN 'denied' ELSE 'failure' END;

CREATE INDEX audit_by_time ON audit (at, number);
CREATE INDEX audit_by_actor ON audit (actor, number);
CREATE INDEX audit_by_action ON audit (action, number);
CREATE INDEX audit_by_agent ON audit (agent, number) WHERE agent IS NOT NULL;
