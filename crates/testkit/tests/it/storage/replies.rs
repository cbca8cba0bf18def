//! What is promised of replies under keys: each is begun once, comes back as it was, and goes in time.

use anyhow::Result;
use bytes::Bytes;
use pilothouse_core::time::Timestamp;
use pilothouse_server::idempotency::{Begun, KeptBody, KeptReply, Keyed, Replies};

use super::places::Place;

fn keyed(caller: &str, name: &str) -> Keyed {
    Keyed {
        caller: caller.into(),
        name: name.into(),
        request: "POST /api/v1/commands".into(),
        fingerprint: "ab".repeat(32).into(),
    }
}

fn reply(body: KeptBody) -> KeptReply {
    KeptReply {
        status: 201,
        location: Some("/api/v1/commands/cmd-1".to_owned()),
        content_type: Some("application/json".to_owned()),
        body,
    }
}

async fn begin(store: &dyn Replies, keyed: &Keyed, now: u64) -> Result<Begun> {
    Ok(store.begin(keyed, Timestamp(now), Timestamp(now.saturating_sub(100))).await?)
}

pub(super) async fn a_reply_comes_back_as_it_was(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let bodies = [
        KeptBody::Whole(Bytes::from_static(b"{\"\xc3\xbc\":\"\0\"}")),
        KeptBody::Secret,
        KeptBody::TooLong,
    ];
    for (number, body) in bodies.iter().enumerate() {
        let keyed = keyed("person/ann", &number.to_string());
        assert_eq!(begin(&store, &keyed, 500).await?, Begun::Now);
        assert_eq!(begin(&store, &keyed, 500).await?, Begun::Unanswered);
        store.answer(&keyed, &reply(body.clone())).await?;
    }
    drop(store);
    let store = place.open().await?;
    for (number, body) in bodies.into_iter().enumerate() {
        let keyed = keyed("person/ann", &number.to_string());
        assert_eq!(begin(&store, &keyed, 501).await?, Begun::Answered(reply(body)));
    }
    let bare =
        KeptReply { location: None, content_type: None, ..reply(KeptBody::Whole(Bytes::new())) };
    let keyed = keyed("person/ann", "bare");
    begin(&store, &keyed, 500).await?;
    store.answer(&keyed, &bare).await?;
    assert_eq!(begin(&store, &keyed, 500).await?, Begun::Answered(bare));
    Ok(())
}

pub(super) async fn a_key_stands_for_one_request_of_one_caller(place: &Place) -> Result<()> {
    let store = place.open().await?;
    let own = keyed("person/ann", "k");
    assert_eq!(begin(&store, &own, 500).await?, Begun::Now);
    let other_body = Keyed { fingerprint: "cd".into(), ..own.clone() };
    let other_path = Keyed { request: "POST /api/v1/sessions".into(), ..own.clone() };
    for other in [other_body, other_path] {
        assert_eq!(begin(&store, &other, 500).await?, Begun::OtherRequest);
    }
    assert_eq!(begin(&store, &keyed("agent/ann", "k"), 500).await?, Begun::Now);
    store.free(&own).await?;
    assert_eq!(begin(&store, &own, 500).await?, Begun::Now);
    Ok(())
}

pub(super) async fn old_replies_do_not_count_and_go(place: &Place) -> Result<()> {
    let store = place.open().await?;
    for number in 0..2000 {
        begin(&store, &keyed("person/ann", &number.to_string()), 100 + number).await?;
    }
    assert_eq!(begin(&store, &keyed("person/ann", "0"), 200).await?, Begun::Unanswered);
    assert_eq!(begin(&store, &keyed("person/ann", "0"), 201).await?, Begun::Now);
    let mut pieces = Vec::new();
    loop {
        match store.forget(Timestamp(2000)).await? {
            0 => break,
            count => pieces.push(count),
        }
    }
    assert_eq!(pieces.iter().sum::<u64>(), 1900);
    assert!(pieces.len() > 1, "in pieces: {pieces:?}");
    assert_eq!(begin(&store, &keyed("person/ann", "1900"), 2050).await?, Begun::Unanswered);
    Ok(())
}
