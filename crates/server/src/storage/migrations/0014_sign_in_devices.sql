-- From where somebody signed in, and with which program, so that they can tell their devices apart.

ALTER TABLE sign_ins ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE sign_ins ADD COLUMN program TEXT NOT NULL DEFAULT '';
