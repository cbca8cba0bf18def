//! What keys of agents promise: they come back, those of an older release too.

use std::sync::Arc;

use anyhow::Result;
use pilothouse_core::{
    agents::KeyHash,
    keys::{Key, Origin},
    ports::{Store, Write},
    time::Timestamp,
};

use super::places::Place;

fn key(id: &str, byte: u8) -> Key {
    Key {
        id: id.parse().unwrap(),
        origin: Origin::Made,
        name: "build 'farm' \u{1f511}".into(),
        hash: KeyHash([byte; 32]),
        agent: None,
        parent: None,
        made_by: "ann".into(),
        made_at: Timestamp(1),
        expires_at: None,
        used_at: None,
        revoked_at: None,
    }
}

fn write(key: &Key) -> Write {
    Write::Key(Arc::new(key.clone()))
}

pub(super) async fn keys_come_back_as_they_were(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let plain = key("key-a", 1);
    let enrolled = Key {
        origin: Origin::Enrolled,
        agent: Some("a-1".parse()?),
        parent: Some("key-a".parse()?),
        expires_at: Some(Timestamp(4)),
        used_at: Some(Timestamp(3)),
        revoked_at: Some(Timestamp(2)),
        ..key("key-B", 255)
    };
    let gone = key("key-c", 7);
    store.commit(&[write(&plain), write(&gone), write(&key("key-B", 9))]).await?;
    store.commit(&[write(&enrolled), Write::KeyGone(gone.id.clone())]).await?;
    // Of one batch the last word counts, whichever it is.
    let again = key("key-d", 8);
    store.commit(&[write(&again), Write::KeyGone(again.id.clone())]).await?;
    store.commit(&[Write::KeyGone(plain.id.clone()), write(&plain)]).await?;
    drop(store);
    assert_eq!(place.open().await?.load(0).await?.keys, [enrolled, plain]);
    Ok(())
}

pub(super) async fn enrolled_keys_of_an_older_schema_count(place: &Place) -> Result<()> {
    drop(place.open().await?);
    place.tamper("DELETE FROM _sqlx_migrations WHERE version = 9").await?;
    place.tamper("DROP TABLE keys").await?;
    place
        .tamper("CREATE TABLE agent_keys (agent TEXT NOT NULL PRIMARY KEY, hash TEXT NOT NULL, enrolled_at BIGINT NOT NULL)")
        .await?;
    place
        .tamper(
            "INSERT INTO agent_keys VALUES \
             ('a-1', '0707070707070707070707070707070707070707070707070707070707070707', 5)",
        )
        .await?;
    let keys = place.open().await?.load(0).await?.keys;
    let expected = Key {
        id: "key-070707070707070707070707".parse()?,
        origin: Origin::Enrolled,
        name: "a-1".into(),
        agent: Some("a-1".parse()?),
        made_by: "a-1".into(),
        made_at: Timestamp(5),
        ..key("key-x", 7)
    };
    assert_eq!(keys, [expected]);
    Ok(())
}
