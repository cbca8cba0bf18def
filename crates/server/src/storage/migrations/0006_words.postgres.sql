-- The words of searchable text. ASCII punctuation parts words, as it does in SQLite.

CREATE INDEX searchable_words ON searchable USING gin (
    to_tsvector('simple', translate(content, '!"#$%&()*+,-./:;<=>?@[\]^_`{|}~''', '                                '))
);
