//! What is promised of streams: they come back as they stood, and what is forgotten is gone.

use std::sync::Arc;

use anyhow::Result;
use pilothouse_core::{
    ports::{Store, StoreError, Write},
    readiness::{Flow, Readiness},
    time::Timestamp,
};

use super::places::Place;

fn stream(name: &str, flow: Flow) -> Readiness {
    Readiness { stream: name.parse().unwrap(), flow, version: 0 }
}

pub(super) async fn streams_come_back_as_they_stood_last(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let (since, at) = (Timestamp(1_700_000_000_001), Timestamp(1_700_000_000_002));
    let live = stream("s-b", Flow::Live { since });
    let ended = stream("s-A", Flow::Ended { since, at });
    let again = stream("s-c", Flow::Live { since: at });
    let write = |known: &Readiness| {
        // A version means nothing to the next life of the server.
        Write::Readiness(Arc::new(Readiness { version: 7, ..known.clone() }))
    };
    let was = stream("s-c", Flow::Ended { since, at });
    store.commit(&[write(&live), write(&was), write(&stream("s-d", Flow::Live { since }))]).await?;
    let gone = Write::ReadinessGone("s-d".parse()?);
    store.commit(&[write(&stream("s-A", Flow::Live { since })), write(&ended), gone]).await?;
    store.commit(&[write(&again)]).await?;
    drop(store);
    let store = place.open().await?;
    assert_eq!(store.load(0).await?.readiness, [ended, live, again]);
    place.tamper("UPDATE readiness SET since = -1").await?;
    assert!(matches!(store.load(0).await, Err(StoreError::Corrupt(_))));
    Ok(())
}
