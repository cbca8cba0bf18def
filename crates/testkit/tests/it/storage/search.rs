//! What every store promises about finding output by its words.

use anyhow::Result;
use pilothouse_core::{
    commands::State,
    ports::{Search, Store, Write},
    search::{Hit, SearchFilter, SearchPage},
    sessions::{Session, Worker},
    streams::StreamKey,
};
use pilothouse_server::storage::SqlStore;

use super::{
    places::Place,
    samples::{command, command_write, group, output, session, session_write, stream, worker},
};

const ALL: u64 = u64::MAX;

async fn index_all(store: &SqlStore) -> Result<usize> {
    let mut turns = 0;
    while store.index().await? {
        turns += 1;
    }
    Ok(turns)
}

async fn find(store: &SqlStore, query: &str) -> Result<Vec<Hit>> {
    let page = SearchPage { before: None, limit: 10 };
    Ok(store.search(query, &SearchFilter::default(), page).await?)
}

fn streams(hits: &[Hit]) -> Vec<StreamKey> {
    hits.iter().map(|hit| hit.stream.clone()).collect()
}

pub(super) async fn output_is_found_by_its_words(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let (key, other) = (worker("w-1").stream(), stream("c-1"));
    let screen = "\u{1b}[2J\u{1b}[31mER\u{1b}[0mROR in src/main.rs: Größe unbekannt\r\n";
    let mut batch = output(&[group(&key, 0, 1, &[screen]), group(&other, 0, 1, &["all fine"])]);
    batch.push(session_write(&session("s-1", &[worker("w-1")])));
    store.commit(&batch).await?;
    index_all(&store).await?;
    for query in ["error", "GRÖßE", "main.rs", "unbekannt Error"] {
        assert_eq!(streams(&find(&store, query).await?), [key.clone()], "{query}");
    }
    let hit = find(&store, "error").await?.remove(0);
    assert_eq!(&*hit.excerpt, "ERROR in src/main.rs: Größe unbekannt");
    assert_eq!((hit.position, hit.at.0), (0, 1));
    assert_eq!(hit.session.unwrap().as_str(), "s-1");
    assert_eq!(hit.agent.unwrap().as_str(), "agent-1");
    assert_eq!(find(&store, "error fine").await?, [], "all words, in one piece");
    assert_eq!(find(&store, "2J").await?, [], "escape sequences are no words");
    store.commit(&output(&[group(&key, screen.len() as u64, 2, &["error again"])])).await?;
    index_all(&store).await?;
    assert_eq!(find(&store, "error").await?.len(), 2, "what is new is found too, once");
    assert_eq!(&*find(&store, "error").await?[0].excerpt, "error again", "newest first");
    Ok(())
}

pub(super) async fn a_search_is_narrowed_and_paged(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let other = Worker { session: "s-2".parse()?, ..worker("w-2") };
    let second = Session { agent: "agent-2".parse()?, ..session("s-2", &[other.clone()]) };
    let mut batch = vec![session_write(&session("s-1", &[worker("w-1")])), session_write(&second)];
    batch.push(command_write(&command("c-1", State::Queued)));
    let keys = [worker("w-1").stream(), other.stream(), stream("c-1")];
    batch.extend(output(&keys.clone().map(|key| group(&key, 0, 1, &["needle"]))));
    store.commit(&batch).await?;
    index_all(&store).await?;
    let page = SearchPage { before: None, limit: 10 };
    let narrowed = async |filter: SearchFilter| -> Result<Vec<StreamKey>> {
        Ok(streams(&store.search("needle", &filter, page).await?))
    };
    let all = SearchFilter::default;
    let [first, second, third] = keys;
    let of_session = SearchFilter { session: Some("s-1".parse()?), ..all() };
    assert_eq!(narrowed(of_session).await?, [first.clone()]);
    let of_worker = SearchFilter { worker: Some("w-2".parse()?), ..all() };
    assert_eq!(narrowed(of_worker).await?, [second.clone()]);
    let of_agent = SearchFilter { agent: Some("agent-1".parse()?), ..all() };
    assert_eq!(narrowed(of_agent).await?, [third.clone(), first.clone()]);
    let mut page = SearchPage { before: None, limit: 1 };
    for wanted in [third, second, first] {
        let hits = store.search("needle", &all(), page).await?;
        assert_eq!(streams(&hits), [wanted]);
        page.before = Some(hits[0].cursor);
    }
    assert_eq!(store.search("needle", &all(), page).await?, []);
    Ok(())
}

pub(super) async fn nothing_typed_is_syntax(place: &Place) -> Result<()> {
    let store = place.open().await?;
    store
        .commit(&output(&[group(&stream("c-1"), 0, 1, &["near a cat, not a dog or content"])]))
        .await?;
    index_all(&store).await?;
    for query in
        ["\"", "'; DROP TABLE output; --", "cat AND (", "content:x", "a* ^b", "\0", "%", ""]
    {
        assert_eq!(find(&store, query).await?, [], "{query:?}");
    }
    for query in
        ["cat NOT dog", "\"cat", "NEAR(cat)", "cat' OR 'content", "content : cat", "c\"at\" cat"]
    {
        let found = find(&store, query).await?.len();
        assert_eq!(found, usize::from(!query.starts_with("c\"")), "{query:?}");
    }
    let long = "cat ".repeat(100_000);
    assert_eq!(find(&store, &long).await?.len(), 1);
    Ok(())
}

pub(super) async fn what_is_gone_is_not_found(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let key = worker("w-1").stream();
    let text = "needle ".repeat(1000);
    let size = text.len() as u64;
    let groups = [group(&key, 0, 1, &[&text]), group(&key, size, 2, &[&text])];
    store.commit(&output(&groups)).await?;
    index_all(&store).await?;
    assert_eq!(find(&store, "needle").await?.len(), 2);
    assert_eq!(store.prune(size, ALL).await?, size);
    let hits = find(&store, "needle").await?;
    assert_eq!(hits.iter().map(|hit| hit.position).collect::<Vec<_>>(), [size]);
    store.commit(&[Write::WorkerGone(key)]).await?;
    assert_eq!(find(&store, "needle").await?, [], "at once");
    store.prune(ALL, ALL).await?;
    assert_eq!(place.texts("SELECT content FROM searchable").await?.len(), 0);
    Ok(())
}

pub(super) async fn a_flood_becomes_searchable_in_pieces(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let key = worker("w-1").stream();
    let line = "a line of a log with some words in it\r\n".repeat(250);
    let size = line.len() as u64;
    let groups: Vec<_> = (0..200_u64).map(|n| group(&key, n * size, n + 1, &[&line])).collect();
    store.commit(&output(&groups)).await?;
    let lost = group(&key, 201 * size, 202, &["the last needle"]);
    store.commit(&output(&[lost])).await?;
    let turns = index_all(&store).await?;
    assert!((3..=8).contains(&turns), "{turns} turns for 2 MB");
    assert_eq!(find(&store, "needle").await?.len(), 1, "also behind a gap");
    assert_eq!(find(&store, "log words").await?.len(), 10, "as many as were asked for");
    assert_eq!(index_all(&store).await?, 0, "and nothing twice");
    Ok(())
}
