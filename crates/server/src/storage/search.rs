//! Finding output by its words. What a person typed becomes plain words before it comes near the database, so it is never syntax.

use pilothouse_core::{
    ids::{AgentId, SessionId, WorkerId},
    search::{Hit, SearchFilter, SearchPage},
    streams::StreamKey,
};
use sqlx::{AnyConnection, any::AnyRow};

use super::{connection::Dialect, failure::Failure, fields::Fields, reading::source};

/// More words than that are not looked at.
const MOST_WORDS: usize = 16;

/// How many hits one call gives at most.
const MOST_HITS: usize = 200;

/// How many characters an excerpt has before the first word, and after its beginning.
const BEFORE: usize = 60;
const AFTER: usize = 180;

const HEAD: &str = "SELECT searchable.number AS number, streams.kind AS kind, streams.source AS source, \
    streams.epoch AS epoch, searchable.position AS position, searchable.written_at AS written_at, content, \
    COALESCE(sessions.agent, commands.agent) AS agent, workers.session AS session FROM searchable \
    JOIN streams ON streams.number = searchable.stream \
    LEFT JOIN workers ON streams.kind = 'worker' AND workers.id = streams.source \
    LEFT JOIN sessions ON sessions.id = workers.session \
    LEFT JOIN commands ON streams.kind = 'command' AND commands.id = streams.source \
    WHERE streams.kind IN ('worker', 'command') AND searchable.number < $2 \
    AND ($3 = '' OR workers.session = $3) AND ($4 = '' OR workers.id = $4) \
    AND ($5 = '' OR COALESCE(sessions.agent, commands.agent) = $5) AND ";

const TAIL: &str = " ORDER BY searchable.number DESC LIMIT $6";

const MATCH_SQLITE: &str =
    "searchable.number IN (SELECT rowid FROM searchable_words WHERE searchable_words MATCH $1)";

/// The same expression as the index's, else the index is of no use.
const MATCH_POSTGRES: &str = r##"to_tsvector('simple', translate(content, '!"#$%&()*+,-./:;<=>?@[\]^_`{|}~''', '                                ')) @@ plainto_tsquery('simple', $1)"##;

/// Pieces of output with all words of `query`, newest first. A query without a word finds nothing.
pub(super) async fn search(
    connection: &mut AnyConnection,
    dialect: Dialect,
    query: &str,
    filter: &SearchFilter,
    page: SearchPage,
) -> Result<Vec<Hit>, Failure> {
    let words = words(query);
    let Some(first) = words.first() else { return Ok(Vec::new()) };
    let (condition, wanted) = match dialect {
        Dialect::Sqlite => {
            let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
            (MATCH_SQLITE, quoted.join(" "))
        }
        Dialect::Postgres => (MATCH_POSTGRES, words.join(" ")),
    };
    let statement = sqlx::AssertSqlSafe(format!("{HEAD}{condition}{TAIL}"));
    let name = |id: Option<&str>| id.unwrap_or_default().to_owned();
    let rows = sqlx::query(statement)
        .bind(wanted)
        .bind(page.before.unwrap_or(i64::MAX))
        .bind(name(filter.session.as_ref().map(SessionId::as_str)))
        .bind(name(filter.worker.as_ref().map(WorkerId::as_str)))
        .bind(name(filter.agent.as_ref().map(AgentId::as_str)))
        .bind(i64::try_from(page.limit.min(MOST_HITS)).unwrap_or(0))
        .fetch_all(connection)
        .await?;
    rows.iter().map(|row| hit(row, first)).collect()
}

fn hit(row: &AnyRow, word: &str) -> Result<Hit, Failure> {
    let optional = |column| row.optional_text(column);
    Ok(Hit {
        cursor: row.integer("number")?,
        stream: StreamKey { source: source(row)?, epoch: row.epoch("epoch")? },
        position: row.count("position")?,
        at: row.time("written_at")?,
        agent: optional("agent")?.and_then(|id| id.parse().ok()),
        session: optional("session")?.and_then(|id| id.parse().ok()),
        excerpt: excerpt(&row.text("content")?, word).into(),
    })
}

/// The words of a text: letters and digits, everything else parts them.
fn words(query: &str) -> Vec<String> {
    let words = query.split(|character: char| !character.is_alphanumeric());
    words.filter(|word| !word.is_empty()).take(MOST_WORDS).map(str::to_lowercase).collect()
}

fn excerpt(content: &str, word: &str) -> String {
    // Lower case may be longer or shorter, so places are counted in characters, of the original.
    let starts = content.char_indices().map(|(place, _)| place);
    let found = starts.clone().position(|place| {
        let mut rest = content[place..].chars().flat_map(char::to_lowercase);
        word.chars().all(|wanted| rest.next() == Some(wanted))
    });
    let skipped = found.unwrap_or(0).saturating_sub(BEFORE);
    content.chars().skip(skipped).take(BEFORE + AFTER).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_typed_is_syntax() {
        assert_eq!(
            words("foo\" OR (bar*) NEAR/2 -baz: ä'ö"),
            ["foo", "or", "bar", "near", "2", "baz", "ä", "ö"]
        );
        assert_eq!(words("\"*'\0--"), Vec::<String>::new());
    }

    #[test]
    fn an_excerpt_is_around_the_word() {
        let content = format!("{}İ Nädel {}", "ü".repeat(500), "x".repeat(500));
        let cut = excerpt(&content, "nädel");
        assert_eq!(cut.chars().count(), BEFORE + AFTER);
        assert!(cut.chars().skip(BEFORE).collect::<String>().starts_with("Nädel"));
        assert_eq!(excerpt("short", "absent"), "short");
    }
}
