-- The words of searchable text, kept by triggers.

CREATE VIRTUAL TABLE searchable_words USING fts5 (
    content, content = 'searchable', content_rowid = 'number', tokenize = 'unicode61 remove_diacritics 0'
);

CREATE TRIGGER searchable_added AFTER INSERT ON searchable BEGIN
    INSERT INTO searchable_words (rowid, content) VALUES (new.number, new.content);
END;

CREATE TRIGGER searchable_deleted AFTER DELETE ON searchable BEGIN
    INSERT INTO searchable_words (searchable_words, rowid, content) VALUES ('delete', old.number, old.content);
END;
